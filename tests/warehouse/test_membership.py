"""Who belongs to which household, on which day, as whom we knew it; and whom a night touches."""

from __future__ import annotations

import itertools

import pytest
from warehouse_helpers import DAYS, dibao, household, id_number, night, person, post, query

from xianjie import identity, warehouse
from xianjie.database.engine import Role, transaction
from xianjie.privacy import token

KEY = b"\x11" * 32
_counties = (f"6399{n:02d}" for n in itertools.count(10))


@pytest.fixture
def county(warehouse_url: str) -> str:
    """A county of its own, in the module's database."""
    return next(_counties)


def who(n: int) -> str:
    return str(token(KEY, id_number(n)))


def home(county: str, n: int, day: int) -> list[tuple[str, str]]:
    """(household, basis) of a person as of a day."""
    return query(
        "select household_id, basis from core.membership where county_code = :county and person_id = :person"
        " and valid_from <= core.business_date() and valid_to > core.business_date()"
        " and known_from <= core.known_on() and known_to > core.known_on()",
        county=county, person=who(n), day=DAYS[day],
    )  # fmt: skip


def affected(county: str, day: int) -> set[str]:
    rows = query(
        "select household_id from core.affected_household"
        " where county_code = :county and business_date = :date",
        county=county, date=DAYS[day],
    )  # fmt: skip
    return {row[0] for row in rows}


def test_the_base_register_comes_before_civil_registration_and_that_before_a_provisional_household(
    county: str,
) -> None:
    night(
        DAYS[0], county=county, rural_revitalisation__persons=[person(1, "H1")],
        rural_revitalisation__households=[household("H1")],
        civil_affairs__dibao=[dibao(1, "D1"), dibao(2, "D1")],
        employment__public_posts=[post(1), post(2), post(3)],
    )  # fmt: skip
    assert home(county, 1, 0) == [("H1", "base")]
    [(civil, basis)] = home(county, 2, 0)
    assert (civil[:2], basis) == ("C-", "civil")
    [(own, basis)] = home(county, 3, 0)
    assert (own, basis) == (f"P-{who(3).replace('-', '')[:16]}", "provisional")
    placed = query(
        "select household_id from facts.employment_public_posts where county_code = :c order by 1", c=county
    )
    assert [row[0] for row in placed] == sorted([civil, "H1", own])
    assert affected(county, 0) == {"H1", civil, own}


def test_a_move_touches_the_old_household_and_the_new_one(county: str) -> None:
    night(
        DAYS[0], county=county,
        rural_revitalisation__persons=[person(1, "H1"), person(2, "H1"), person(3, "H2")],
        rural_revitalisation__households=[household("H1"), household("H2"), household("H3")],
    )  # fmt: skip
    night(
        DAYS[1],
        county=county,
        rural_revitalisation__persons=[person(1, "H1"), person(2, "H2"), person(3, "H2")],
    )
    assert affected(county, 1) == {"H1", "H2"}
    assert home(county, 2, 0) == [("H1", "base")]
    assert home(county, 2, 1) == [("H2", "base")]
    sizes = "select household_id, size from facts.household where county_code = :c order by 1"
    assert query(sizes, c=county, day=DAYS[0]) == [("H1", 2), ("H2", 1), ("H3", 0)]
    assert query(sizes, c=county, day=DAYS[1]) == [("H1", 1), ("H2", 2), ("H3", 0)]


def test_one_who_leaves_the_register_is_no_member_but_what_still_comes_in_finds_the_household(
    county: str,
) -> None:
    night(
        DAYS[0], county=county, rural_revitalisation__persons=[person(1, "H1"), person(2, "H1")],
        rural_revitalisation__households=[household("H1")], employment__public_posts=[post(2)],
    )  # fmt: skip
    night(DAYS[1], county=county, rural_revitalisation__persons=[person(1, "H1")])
    assert home(county, 2, 1) == [("H1", "former")]
    assert query("select count(*) from facts.person where county_code = :c", c=county, day=DAYS[1]) == [(1,)]
    still = query(
        "select household_id from facts.employment_public_posts where county_code = :c", c=county, day=DAYS[1]
    )
    assert still == [("H1",)]
    night(DAYS[2], county=county, rural_revitalisation__persons=[person(1, "H1"), person(2, "H1")])
    assert home(county, 2, 2) == [("H1", "base")]


def test_births_and_first_register_entries_end_provisional_households(county: str) -> None:
    night(DAYS[0], county=county, employment__public_posts=[post(1)])
    assert home(county, 1, 0)[0][1] == "provisional"
    night(
        DAYS[1], county=county, rural_revitalisation__persons=[person(1, "H1"), person(4, "H1")],
        rural_revitalisation__households=[household("H1")],
    )  # fmt: skip
    assert home(county, 1, 0)[0][1] == "provisional"
    assert home(county, 1, 1) == [("H1", "base")]
    assert affected(county, 1) >= {"H1"}
    names = query(
        "select household_id, is_base from facts.household where county_code = :c", c=county, day=DAYS[1]
    )
    assert names == [("H1", True)]


def test_a_person_in_two_households_is_a_conflict_and_placed_all_the_same(county: str) -> None:
    night(
        DAYS[0], county=county,
        rural_revitalisation__persons=[person(1, "H1"), person(1, "H2", person_no="R90001")],
        rural_revitalisation__households=[household("H1"), household("H2")],
    )  # fmt: skip
    assert home(county, 1, 0) == [("H1", "base")]
    found = query(
        "select kind, count(*) from core.identity_conflict where county_code = :c group by kind", c=county
    )
    assert found == [("two_households", 2)]


def test_merged_persons_share_a_household_until_they_are_split(county: str) -> None:
    night(
        DAYS[0], county=county, rural_revitalisation__persons=[person(1, "H1")],
        rural_revitalisation__households=[household("H1")], employment__public_posts=[post(7)],
    )  # fmt: skip
    alone = query("select household_id from facts.employment_public_posts where county_code = :c", c=county)
    with transaction(Role.IDENTITY) as connection:
        identity.merge_persons(
            connection, county, token(KEY, id_number(7)), token(KEY, id_number(1)), by="王", why="同一人"
        )
    warehouse.settle(county)
    found = query(
        "select household_id, person_id::text from facts.employment_public_posts where county_code = :c",
        c=county,
    )
    assert found == [("H1", who(1))]
    assert query("select count(*) from facts.person where county_code = :c", c=county) == [(1,)]
    with transaction(Role.IDENTITY) as connection:
        identity.split_person(connection, county, token(KEY, id_number(7)))
    warehouse.settle(county)
    assert (
        query("select household_id from facts.employment_public_posts where county_code = :c", c=county)
        == alone
    )


def test_memberships_do_not_depend_on_the_order_of_arrival(warehouse_url: str) -> None:
    nights = [
        (
            0,
            {
                "civil_affairs__dibao": [dibao(3, "D1")],
                "employment__public_posts": [post(1), post(2), post(8)],
            },
        ),
        (1, {"rural_revitalisation__persons": [person(1, "H1"), person(2, "H1"), person(3, "H2")]}),
        (
            2,
            {
                "rural_revitalisation__persons": [person(1, "H2")],
                "civil_affairs__dibao": [dibao(2, "D2"), dibao(4, "D2")],
            },
        ),
    ]
    contents = []
    for order in itertools.permutations(range(3)):
        county = next(_counties)
        for n in order:
            day, rows = nights[n]
            night(DAYS[day], county=county, **rows)
        contents.append(
            query(
                "select person_id, household_id, basis, village_code, valid_from::text, valid_to::text"
                " from core.membership where county_code = :county and known_to = 'infinity' order by 1, 5",
                county=county,
            )
        )
    assert contents[0]
    assert all(each == contents[0] for each in contents)


def test_a_late_night_makes_all_later_nights_look_again(county: str) -> None:
    night(
        DAYS[0], county=county, rural_revitalisation__persons=[person(1, "H1")],
        rural_revitalisation__households=[household("H1")], employment__public_posts=[post(1)],
    )  # fmt: skip
    night(DAYS[2], county=county, rural_revitalisation__persons=[person(1, "H1")])
    assert affected(county, 2) == set()
    night(DAYS[1], county=county, employment__public_posts=[post(1, name="另名")])
    assert affected(county, 1) == {"H1"}
    assert affected(county, 2) == {"H1"}


def test_settling_twice_changes_nothing(county: str) -> None:
    night(DAYS[0], county=county, rural_revitalisation__persons=[person(1, "H1")])
    everything = "select to_jsonb(m)::text from core.membership as m where county_code = :c"
    before = query(everything, c=county)
    assert warehouse.settle(county) == warehouse.Settled()
    assert query(everything, c=county) == before

"""Whole nights through the real check: late, held, refused and repeated deliveries; reconciliation."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Semaphore
from typing import Any

import pytest
from sqlalchemy import text
from warehouse_helpers import (
    DAYS,
    HOUSEHOLDS,
    PERSONS,
    POSTS,
    RELIEF,
    Row,
    household,
    id_number,
    land,
    person,
    post,
    query,
)

from xianjie import identity, validation, warehouse
from xianjie.contract.catalogue import catalogue
from xianjie.database.engine import Role, transaction
from xianjie.landing import Delivery

_counties = (f"6399{n:02d}" for n in itertools.count(60))


@pytest.fixture
def county(warehouse_url: str) -> str:
    """A county of its own, in the module's database."""
    return next(_counties)


def deliver(county: str, contract_id: str, rows: list[Row], day: int) -> tuple[Delivery, str]:
    """Lands and checks; returns the decision too."""
    delivery = land(contract_id, rows, DAYS[day], county=county)
    return delivery, validation.check(catalogue().get(contract_id), delivery.delivery_id).decision


def posts(county: str, day: int | None = None) -> set[tuple[str, str]]:
    rows = query(
        "select post_no, post_type from facts.employment_public_posts where county_code = :c", c=county,
        day=None if day is None else DAYS[day],
    )  # fmt: skip
    return set(rows)


def relief(n: int) -> Row:
    return {
        "relief_no": f"J{n}", "name": f"杨秀{n}", "id_number": id_number(n), "relief_type": "急难型",
        "amount_yuan": "800", "applied_date": "2026-09-01",
    }  # fmt: skip


ALL = [post(n) for n in range(1, 41)]


def test_two_nights_are_taken_in_once_each(county: str) -> None:
    people = [person(n, f"H{n // 4}", division_code=f"{county}100200") for n in range(20)]
    deliver(county, PERSONS, people, 0)
    deliver(county, HOUSEHOLDS, [household(f"H{n}", division_code=f"{county}100200") for n in range(5)], 0)
    deliver(county, POSTS, ALL, 0)
    first = warehouse.run_night(DAYS[0], county)
    assert (first.deliveries, first.replayed, first.dates) == (3, 0, (DAYS[0],))
    assert warehouse.run_night(DAYS[0], county).deliveries == 0
    deliver(county, POSTS, [*ALL[1:], post(30)], 1)
    second = warehouse.run_night(DAYS[1], county)
    assert (second.deliveries, second.merged, second.absent, second.dates) == (1, 1, 1, (DAYS[1],))
    assert ("G00001", "cleaning") in posts(county, 0)
    assert ("G00001", "cleaning") not in posts(county, 1)


def test_merges_that_wait_for_the_persons_let_others_work(
    county: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(county, PERSONS, [person(1, "H1", division_code=f"{county}100200")], 0)
    deliver(county, HOUSEHOLDS, [household("H1", division_code=f"{county}100200")], 0)
    deliver(county, POSTS, ALL, 0)
    deliver(county, RELIEF, [relief(1)], 0)
    waiting = Semaphore(0)

    def merged(*args: Any, after: Callable[[], object], **named: Any) -> Any:
        def entered() -> None:
            waiting.release()
            after()

        return warehouse.merge(*args, after=entered, **named)

    def enter(linked: Sequence[identity.Linked]) -> None:
        if linked:
            assert all(waiting.acquire(timeout=10) for _ in range(4))  # all four, though two work at a time
        entered_at_once(linked)

    entered_at_once = identity.enter
    monkeypatch.setattr("xianjie.warehouse.night.merge", merged)
    monkeypatch.setattr("xianjie.identity.enter", enter)
    assert warehouse.run_night(DAYS[0], county).deliveries == 4
    people = query("select count(*) from core.person where county_code = :c", c=county)
    assert people == [(len(ALL),)]


_FORBIDDEN = (
    "create function core.forbid() returns trigger language plpgsql as 'begin raise ''no''; end'",
    "create trigger forbidden before insert on core.person"
    " for each row when (new.name_masked = '禁*') execute function core.forbid()",
)


def test_persons_who_cannot_be_entered_cost_their_own_dataset_only(county: str) -> None:
    deliver(county, RELIEF, [relief(1)], 0)
    warehouse.run_night(DAYS[0], county)
    with transaction(Role.OWNER) as connection:
        for statement in _FORBIDDEN:
            connection.execute(text(statement))
    deliver(county, RELIEF, [{**relief(2), "name": "禁人"}], 1)
    deliver(county, POSTS, ALL, 1)
    with pytest.raises(warehouse.NightError, match="临时救助") as raised:
        warehouse.run_night(DAYS[1], county)
    assert "其余 1 个" in raised.value.message
    assert len(posts(county, 1)) == len(ALL)
    relieved = "select relief_no from facts.civil_affairs_temporary_relief where county_code = :c"
    assert query(relieved, c=county, day=DAYS[1]) == [("J1",)]
    with transaction(Role.OWNER) as connection:
        connection.execute(text("drop trigger forbidden on core.person"))
    assert warehouse.run_night(DAYS[1], county).deliveries == 1
    assert len(query(relieved, c=county, day=DAYS[1])) == 2


def test_text_that_no_database_keeps_is_cleaned_like_a_blank(county: str) -> None:
    deliver(
        county, POSTS, [{**post(n), "post_type": "保洁\0" if n == 1 else "保洁"} for n in range(1, 41)], 0
    )
    warehouse.run_night(DAYS[0], county)
    assert len(posts(county, 0)) == 40


def test_a_refused_delivery_ends_nothing(county: str) -> None:
    deliver(county, POSTS, ALL, 0)
    warehouse.run_night(DAYS[0], county)
    _, decision = deliver(county, POSTS, ALL[:10], 1)
    assert decision == "refuse"
    assert warehouse.run_night(DAYS[1], county).deliveries == 0
    assert len(posts(county)) == 40
    assert query("select count(*) from ops.diff_base where county_code = :c", c=county) == [(1,)]


def test_a_held_delivery_is_merged_once_somebody_accepts_it(county: str) -> None:
    deliver(county, POSTS, ALL, 0)
    warehouse.run_night(DAYS[0], county)
    held, decision = deliver(county, POSTS, ALL[:28], 1)
    assert decision == "hold"
    assert warehouse.run_night(DAYS[1], county).deliveries == 0
    deliver(county, POSTS, ALL, 2)
    warehouse.run_night(DAYS[2], county)
    validation.decide(held.delivery_id, "accept", "王科长", "十二个岗位确已撤销")
    late = warehouse.run_night(DAYS[1], county)
    assert (late.deliveries, late.replayed, late.dates) == (1, 1, (DAYS[1], DAYS[2]))
    assert [len(posts(county, day)) for day in range(3)] == [40, 28, 40]


def test_a_late_night_gives_what_it_would_have_given_in_time(county: str) -> None:
    nights = [ALL, [post(1, post_type="other"), *ALL[2:]], [post(1), *ALL[1:]]]
    in_time = next(_counties)
    for order, where in (((0, 1, 2), in_time), ((0, 2, 1), county)):
        for day in order:
            deliver(where, POSTS, nights[day], day)
            warehouse.run_night(DAYS[day], where)
    assert [posts(county, day) for day in range(3)] == [posts(in_time, day) for day in range(3)]
    for day in range(3):
        assert warehouse.reconcile(DAYS[day], county).differing == 0
    ledger = (
        "select business_date, landed, unchanged, accepted, merged from ops.ledger"
        " where county_code = :c order by 1"
    )
    assert query(ledger, c=county) == query(ledger, c=in_time)


def test_a_late_night_that_takes_back_returned_rows_gives_them_back_again(county: str) -> None:
    bad = post(1, started_date="随便")
    nights = [[bad, *ALL[1:]], ALL, [bad, *ALL[1:]]]
    in_time = next(_counties)
    for order, where in (((0, 1, 2), in_time), ((0, 2, 1), county)):
        for day in order:
            deliver(where, POSTS, nights[day], day)
            warehouse.run_night(DAYS[day], where)
    for day in range(3):
        assert posts(county, day) == posts(in_time, day)
        assert warehouse.reconcile(DAYS[day], county).differing == 0
    assert len(posts(county, 0)) == 39
    assert len(posts(county, 2)) == 40
    still_open = "select count(*) from quality.quarantined_row where county_code = :c and closed_on is null"
    assert query(still_open, c=county) == query(still_open, c=in_time) == [(1,)]


def test_a_late_night_that_would_have_a_later_one_refused_is_not_merged(county: str) -> None:
    deliver(county, POSTS, ALL, 0)
    warehouse.run_night(DAYS[0], county)
    small, _ = deliver(county, POSTS, ALL[:22], 2)
    validation.decide(small.delivery_id, "accept", "王科长", "岗位确已撤销")
    warehouse.run_night(DAYS[2], county)
    late, decision = deliver(county, POSTS, [*ALL, *(post(n) for n in range(50, 58))], 1)
    assert decision == "accept"
    with pytest.raises(warehouse.NightError):
        warehouse.run_night(DAYS[1], county)
    assert [len(posts(county, day)) for day in range(3)] == [40, 40, 22]
    states = "select verdict, merged_at is not null from ops.delivery where delivery_id = :id"
    assert query(states, id=small.delivery_id) == [("accept", True)]
    assert query(states, id=late.delivery_id) == [("accept", False)]
    assert query(
        "select unchanged, absent from ops.ledger where delivery_id = :id", id=small.delivery_id
    ) == [(22, 18)]


def test_a_second_delivery_of_a_night_corrects_the_first(county: str) -> None:
    deliver(county, POSTS, ALL, 0)
    deliver(county, POSTS, [post(1, post_type="other"), *ALL[1:39]], 0)
    summary = warehouse.run_night(DAYS[0], county)
    assert summary.deliveries == 2
    assert ("G00001", "other") in posts(county)
    assert len(posts(county)) == 39
    assert warehouse.reconcile(DAYS[0], county).differing == 0


def test_a_first_delivery_that_is_merged_last_does_not_overrule_the_second(county: str) -> None:
    first, _ = deliver(county, POSTS, [post(1, post_type="other"), *ALL[1:]], 0)
    with transaction() as connection:
        connection.execute(
            text("update ops.delivery set verdict = 'hold' where delivery_id = :id"),
            {"id": first.delivery_id},
        )
    deliver(county, POSTS, ALL, 0)
    warehouse.run_night(DAYS[0], county)
    with transaction() as connection:
        connection.execute(
            text("update ops.delivery set verdict = 'accept' where delivery_id = :id"),
            {"id": first.delivery_id},
        )
    assert warehouse.run_night(DAYS[0], county).replayed == 1
    assert ("G00001", "cleaning") in posts(county)
    assert warehouse.reconcile(DAYS[0], county).differing == 0


def test_one_dataset_that_fails_costs_no_other_its_night(county: str) -> None:
    broken, _ = deliver(county, POSTS, ALL, 0)
    deliver(county, RELIEF, [relief(n) for n in range(5)], 0)
    with transaction() as connection:
        connection.execute(
            text(
                "update ops.ledger set accepted = accepted - 1, quarantined = quarantined + 1"
                " where delivery_id = :id"
            ),
            {"id": broken.delivery_id},
        )
    Path(broken.data_path.removeprefix("file://")).unlink()  # so that it cannot be checked again either
    with pytest.raises(warehouse.NightError, match="公益性岗位"):
        warehouse.run_night(DAYS[0], county)
    assert query(
        "select count(*) from facts.civil_affairs_temporary_relief where county_code = :c", c=county
    ) == [(5,)]
    assert posts(county) == set()


def test_a_row_that_went_astray_is_found_by_reconciliation(county: str) -> None:
    deliver(county, POSTS, ALL, 0)
    warehouse.run_night(DAYS[0], county)
    assert warehouse.reconcile(DAYS[0], county) == warehouse.Reconciled(1, 40, 0)
    astray = (
        "delete from history.employment_public_posts where county_code = :c and change_id in (3, 4)",
        "update history.employment_public_posts set row_hash = gen_random_uuid()"
        " where county_code = :c and change_id = 5",
    )
    with transaction() as connection:
        for statement in astray:
            connection.execute(text(statement), {"c": county})
    assert warehouse.reconcile(DAYS[0], county).differing == 3
    found = query(
        "select missing_keys, extra_keys, differing_keys, cardinality(sample_keys), reason"
        " from ops.reconciliation where county_code = :c",
        c=county,
    )
    assert found == [(2, 0, 1, 3, "缺 2 条, 多 0 条, 内容不同 1 条")]
    assert id_number(3) not in str(found)

"""Rules look at some households of many: their facts are found by index, not by reading everything."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from warehouse_helpers import COUNTY, DAYS, household, id_number, night, person, post

from xianjie import warehouse
from xianjie.database.engine import transaction

PEOPLE, HOUSEHOLDS = 50_000, 12_500
VIEWS = {
    "facts.rural_revitalisation_persons": 4, "facts.rural_revitalisation_households": 1,
    "facts.employment_public_posts": 4, "facts.housing_house_safety": 4, "facts.person": 4, "facts.household": 1,
}  # fmt: skip


def number(n: int) -> str:
    """Distinct for more people than the check digit's helper knows; the warehouse does not look at it."""
    return f"{id_number(n)[:6]}{1900 + n // 1000:04d}0101{n % 1000:03d}X"


@pytest.fixture(scope="module")
def crowd(warehouse_url: str) -> None:
    night(
        DAYS[0],
        rural_revitalisation__persons=[
            person(n, f"H{n // 4}", id_number=number(n), person_no=f"R{n}", birth_date="1990-01-01")
            for n in range(PEOPLE)
        ],
        rural_revitalisation__households=[household(f"H{n}") for n in range(HOUSEHOLDS)],
        employment__public_posts=[post(n, id_number=number(n)) for n in range(PEOPLE)],
        housing__house_safety=[
            {
                "house_no": f"F{n}",
                "owner_name": "甲",
                "household_no": f"H{n // 4}" if n % 2 else None,
                "owner_id_number": number(n),
            }
            for n in range(PEOPLE)
        ],
    )


@pytest.mark.parametrize("view", VIEWS)
def test_a_few_households_are_found_by_index(crowd: None, view: str) -> None:
    with transaction() as connection:
        warehouse.as_of(connection, DAYS[0])
        connection.execute(
            text("create temporary table scope (household_id text primary key) on commit drop")
        )
        connection.execute(text("insert into scope select 'H' || n from generate_series(1, 3001, 100) as n"))
        connection.execute(text("analyze scope"))
        query = (
            f"select f.* from {view} as f join scope as s on s.household_id = f.household_id"
            " where f.county_code = :county"
        )
        plan = "\n".join(
            connection.scalars(text(f"explain (analyze, costs off) {query}"), {"county": COUNTY})
        )
        rows = connection.execute(text(query), {"county": COUNTY}).all()
    assert len(rows) == 31 * VIEWS[view]
    read = [line.strip() for line in plan.splitlines() if "Seq Scan" in line]
    assert all("scope" in line or "person_alias" in line for line in read), plan


def test_the_scope_may_be_a_view_over_a_temporary_table(crowd: None) -> None:
    with transaction() as connection:
        warehouse.as_of(connection, DAYS[0])
        connection.execute(
            text("create temporary table picked (household_id text primary key) on commit drop")
        )
        connection.execute(text("insert into picked values ('H1'), ('H2')"))
        connection.execute(text("analyze picked"))
        connection.execute(text("create temporary view scope as select household_id from picked"))
        count = connection.scalar(
            text(
                "select count(*) from facts.employment_public_posts as f"
                " join scope as s on s.household_id = f.household_id"
            )
        )
    assert count == 8

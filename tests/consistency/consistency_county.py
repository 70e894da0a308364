"""A small county whose data is put right, goes wrong and contradicts itself from night to night."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from sqlalchemy import text

from tests.sql import scratch_facts
from tests.sql.scratch_facts import COUNTY
from xianjie import consistency
from xianjie.database.engine import transaction

D1, D2, D3, D4 = (dt.date(2026, 9, day) for day in (21, 22, 23, 24))
FINDINGS = """
select finding_id, check_id, entity_id, household_id, owner, evidence, evidence_hash, record_key, other_record_key,
    first_found_on, due_on, closed_on, closed_reason
from consistency.finding order by check_id, entity_id, first_found_on, finding_id
"""
WAKES = "select check_id, household_id, wake_on from consistency.wake order by 1, 2, 3"


def rows(sql: str, **values: Any) -> list[dict[str, Any]]:
    with transaction() as connection:
        return [dict(row) for row in connection.execute(text(sql), values).mappings()]


def everything() -> list[list[dict[str, Any]]]:
    return [rows(FINDINGS), rows(WAKES)]


def findings(check_id: str) -> list[dict[str, Any]]:
    return [row for row in rows(FINDINGS) if row["check_id"] == check_id]


def county(tables: dict[str, list[dict[str, Any]]], nights: Iterable[dt.date] = (D1, D2, D3, D4)) -> None:
    with transaction() as connection:
        scratch_facts.fill(connection, D1, tables)
        for night in nights:
            scratch_facts.arrived(connection, night)


def touch(on: dt.date, *households: str) -> None:
    with transaction() as connection:
        scratch_facts.touched(connection, on, *households)


def run(*nights: dt.date, full: bool = False) -> list[consistency.Summary]:
    return [consistency.run(night, COUNTY, full=full) for night in nights]


def dibao_of(
    household: str, person: str, registered: Iterable[tuple[str, dt.date, dt.date]]
) -> dict[str, Any]:
    """A person on dibao, and what the national system says of it, from day to day."""
    return {
        "rural_revitalisation.persons": [
            {
                "person": person,
                "household": household,
                "record": f"P-{person}",
                "dibao": state,
                "from": start,
                "to": end,
            }
            for state, start, end in registered
        ],
        "civil_affairs.dibao": [
            {"person": person, "household": household, "record": f"D-{person}", "month": "2026-09-01"}
        ],
    }


ALWAYS = (dt.date(2020, 1, 1), dt.date(2030, 1, 1))


def a_county_that_changes() -> None:
    """Dibao that is put right (H1), a post that ends (H2), a house graded on night 2 (H3), two phones (H4, H5)."""
    phone = "00000000-0000-0000-0000-000000000001"
    dibao = dibao_of("H1", "a", [("none", ALWAYS[0], D3), ("rural", D3, ALWAYS[1])])
    county(
        {
            **dibao,
            "rural_revitalisation.households": [
                {"household": "H3", "hh_type": "formerly_poor", "record": "B3"},
                {"household": "H4", "phone_token": phone, "record": "B4"},
                {"household": "H5", "phone_token": phone, "record": "B5", "to": D3},
            ],
            "housing.house_safety": [
                {"household": "H3", "record": "F3", "grade": "D", "is_lived_in": True, "from": D2}
            ],
            "employment.public_posts": [
                {"person": "b", "household": "H2", "record": "T1", "post_no": "1", "ended_date": D3},
                {"person": "b", "household": "H2", "record": "T2", "post_no": "2"},
            ],
        }
    )
    touch(D1, "H1", "H2", "H3", "H4", "H5")
    touch(D2, "H3")
    touch(D3, "H1", "H5")

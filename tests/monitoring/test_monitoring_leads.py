"""What happens after people close a lead."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import text

from tests.sql import scratch_facts
from tests.sql.scratch_facts import COUNTY
from xianjie import monitoring
from xianjie.database.engine import transaction

START = dt.date(2026, 9, 21)


def day(number: int) -> dt.date:
    return START + dt.timedelta(days=number)


def world(tables: dict[str, list[dict[str, Any]]]) -> None:
    with transaction() as connection:
        scratch_facts.fill(connection, START, tables)


def night(number: int, *touched: str) -> monitoring.Summary:
    with transaction() as connection:
        scratch_facts.arrived(connection, day(number))
        scratch_facts.touched(connection, day(number), *touched)
    return monitoring.run(day(number), COUNTY)


def close(number: int, *, state: str = "CLOSED_NOT_MATCH", days: int = 90) -> None:
    with transaction() as connection:
        lead = connection.scalar(text("select lead_id from monitoring.lead where closed_on is null"))
        monitoring.close(
            connection,
            COUNTY,
            lead,
            state=state,
            reason="01",
            by="clerk",
            on=day(number),
            suppression_days=days,
        )


def leads() -> list[tuple[dt.date, dt.date | None]]:
    with transaction() as connection:
        rows = connection.execute(
            text("select first_seen, closed_on from monitoring.lead order by first_seen")
        )
        return [(row.first_seen, row.closed_on) for row in rows]


def poor(income: int, **more: Any) -> dict[str, Any]:
    return {
        "household": "H1",
        "hh_type": "formerly_poor",
        "size_now": 1,
        "wage_income_yuan": income,
        "record": "B1",
        **more,
    }


def test_a_closure_as_not_matching_suppresses_for_ninety_days() -> None:
    world({"rural_revitalisation.households": [poor(8000)]})
    night(0, "H1")
    close(1)
    assert night(2, "H1").rules[6].leads_suppressed == 1
    assert len(leads()) == 1
    night(90)
    assert len(leads()) == 1
    night(91)  # nobody changed: the household woke by itself
    assert leads() == [(day(0), day(1)), (day(91), None)]


@pytest.mark.parametrize(("income", "count"), [(7841, 1), (7840, 2)])
def test_a_value_that_grew_a_fifth_worse_breaks_the_suppression(income: int, count: int) -> None:
    world({"rural_revitalisation.households": [poor(8000, to=day(2)), poor(income, **{"from": day(2)})]})
    night(0, "H1")
    close(1)
    night(2, "H1")
    assert len(leads()) == count


def test_an_event_rule_is_never_suppressed_but_does_not_repeat_one_event() -> None:
    child = {"person": "c", "household": "H1"}
    entry = {**child, "ledger_type": "suspected", "status": "persuading"}
    world(
        {
            "person": [{**child, "birth_date": "2016-05-01"}],
            "education.dropout_ledger": [
                {**entry, "record": "L1", "registered_date": "2026-09-10"},
                {**entry, "record": "L2", "registered_date": "2026-09-24", "from": day(3)},
            ],
        }
    )
    night(0, "H1")
    close(1)
    night(2, "H1")
    assert len(leads()) == 1
    night(3, "H1")
    assert leads() == [(day(0), day(1)), (day(3), None)]


def test_a_lead_that_became_a_case_opens_again_for_a_new_signal_only() -> None:
    house = {"household": "H1", "house_no": "F1", "record": "F1", "is_lived_in": True}
    world(
        {
            "housing.house_safety": [
                {**house, "grade": "D", "to": day(3)},
                {**house, "grade": "A", "from": day(3), "to": day(5)},
                {**house, "grade": "C", "from": day(5)},
            ]
        }
    )
    night(0, "H1")
    close(1, state="MONITORED")
    night(2, "H1")
    night(3, "H1")
    assert len(leads()) == 1
    night(5, "H1")
    assert leads() == [(day(0), day(1)), (day(5), None)]


def test_a_decision_survives_running_the_night_again() -> None:
    world({"rural_revitalisation.households": [poor(8000)]})
    night(0, "H1")
    close(0)
    night(0, "H1")
    assert leads() == [(day(0), day(0))]


def test_a_signal_that_comes_back_continues_its_open_lead() -> None:
    world(
        {
            "rural_revitalisation.households": [
                poor(8000, to=day(1)),
                poor(9000, **{"from": day(1), "to": day(2)}),
                poor(8000, **{"from": day(2)}),
            ]
        }
    )
    for number in (0, 1, 2):
        night(number, "H1")
    with transaction() as connection:
        gone = connection.scalar(text("select signal_gone_on from monitoring.lead"))
    assert gone is None
    assert leads() == [(day(0), None)]


def test_a_closing_nobody_knows_is_refused() -> None:
    world({"rural_revitalisation.households": [poor(8000)]})
    night(0, "H1")
    with pytest.raises(monitoring.LeadError):
        close(1, state="GONE")
    assert leads() == [(day(0), None)]

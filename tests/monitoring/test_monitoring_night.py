"""Whole evaluations: the same twice, incremental like full, late like in order; what is missing is said."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

import pytest
from sqlalchemy import text

from tests.sql import scratch_facts
from tests.sql.scratch_facts import COUNTY
from xianjie import monitoring
from xianjie.database.engine import transaction

D1, D2, D3 = (dt.date(2026, 9, day) for day in (21, 22, 23))

HITS = """
select hit_id, rule_id, household_id, person_id, severity, evidence, delivery_id, source_row, valid_from,
    nullif(valid_to, 'infinity') as valid_to
from monitoring.hit order by rule_id, household_id, hit_key, valid_from
"""
LEADS = """
select lead_id, rule_id, household_id, state, severity, hit_count, first_seen, due_on, signal_gone_on,
    closed_on
from monitoring.lead order by rule_id, household_id, first_seen
"""
WAKES = "select rule_id, household_id, wake_on, kind from monitoring.wake order by 1, 2, 3, 4"


def rows(sql: str) -> list[dict[str, Any]]:
    with transaction() as connection:
        return [dict(row) for row in connection.execute(text(sql)).mappings()]


def everything() -> list[list[dict[str, Any]]]:
    return [rows(HITS), rows(LEADS), rows(WAKES)]


def county(tables: dict[str, list[dict[str, Any]]], nights: Iterable[dt.date] = (D1, D2, D3)) -> None:
    with transaction() as connection:
        scratch_facts.fill(connection, D1, tables)
        for night in nights:
            scratch_facts.arrived(connection, night)


def touch(on: dt.date, *households: str) -> None:
    with transaction() as connection:
        scratch_facts.touched(connection, on, *households)


def house(household: str, grade: str, **more: Any) -> dict[str, Any]:
    return {"household": household, "house_no": household, "grade": grade, "is_lived_in": True, **more}


def a_county_that_changes() -> None:
    """H1 dangerous all along; H2 graded D on night 2; H3 mended on night 3; H4 loses a job, H5 waits."""
    county(
        {
            "rural_revitalisation.households": [
                {"household": f"H{n}", "hh_type": "formerly_poor", "size_now": 1, "wage_income_yuan": 20000}
                for n in range(1, 7)
            ],
            "housing.house_safety": [
                house("H1", "C", record="F1"),
                house("H2", "A", record="F2", to=D2),
                house("H2", "D", record="F2", **{"from": D2}),
                house("H3", "D", record="F3", to=D3),
                house("H3", "A", record="F3", **{"from": D3}),
                house("H4", "C", record="F4"),
            ],
            "employment.work_monthly": [
                {
                    "person": "p4",
                    "household": "H4",
                    "month": "2026-09-01",
                    "status": "unemployed",
                    "unemployed_date": "2026-08-23",
                    "record": "W4",
                    "from": D2,
                },
                {
                    "person": "p5",
                    "household": "H5",
                    "month": "2026-09-01",
                    "status": "unemployed",
                    "unemployed_date": "2026-08-24",
                    "record": "W5",
                },
            ],
        }
    )
    touch(D1, "H1", "H2", "H3", "H4", "H5", "H6")
    touch(D2, "H2", "H4")
    touch(D3, "H3")


def run(*nights: dt.date, full: bool = False) -> list[monitoring.Summary]:
    return [monitoring.run(night, COUNTY, full=full) for night in nights]


def status_of(summary: monitoring.Summary) -> dict[str, str]:
    return {rule.rule_id: rule.status for rule in summary.rules}


def test_nights_follow_what_changed_and_what_time_changed() -> None:
    a_county_that_changes()
    first, second, third = run(D1, D2, D3)
    assert first.households == 6
    assert second.households == 2
    assert third.households == 2  # H3 changed, H5 woke
    found = {(h["rule_id"], h["household_id"], h["valid_from"], h["valid_to"]) for h in rows(HITS)}
    assert found == {
        ("R-HOU-01", "H1", D1, None),
        ("R-HOU-01", "H2", D2, None),
        ("R-HOU-01", "H3", D1, D3),
        ("R-HOU-01", "H4", D1, None),
        ("R-EMP-01", "H4", D2, None),
        ("R-EMP-01", "H5", D3, None),
        ("R-SPX-01", "H4", D2, None),
    }


def test_running_a_night_again_gives_the_same_rows() -> None:
    a_county_that_changes()
    run(D1, D2)
    before = everything()
    run(D2)
    assert everything() == before


@pytest.mark.parametrize("night", [D1, D2, D3])
def test_a_full_evaluation_gives_what_the_nights_gave(night: dt.date) -> None:
    a_county_that_changes()
    run(D1, D2, D3)
    before = everything()
    run(night, full=True)
    assert everything() == before


def test_a_night_that_comes_late_leaves_what_the_right_order_leaves() -> None:
    a_county_that_changes()
    run(D1, D2, D3)
    expected = everything()
    with transaction() as connection:
        scratch_facts.clear(connection)
    a_county_that_changes()
    run(D1)
    run(D3)
    late = run(D2)[0]
    assert late.later_dates == (D3,)
    assert everything() == expected


def test_one_lead_a_rule_and_household_stays_open_when_the_signal_is_gone() -> None:
    a_county_that_changes()
    run(D1, D2, D3)
    leads = {(lead["rule_id"], lead["household_id"]): lead for lead in rows(LEADS)}
    mended = leads["R-HOU-01", "H3"]
    assert (mended["state"], mended["first_seen"], mended["signal_gone_on"], mended["closed_on"]) == (
        "LEAD",
        D1,
        D3,
        None,
    )
    assert leads["R-HOU-01", "H1"]["signal_gone_on"] is None
    as_seen = rows(f"select * from monitoring.leads('{COUNTY}', '{D3}') where household_id = 'H3'")[0]
    assert (as_seen["is_signal_gone"], as_seen["last_seen"], as_seen["is_open"]) == (True, D2, True)
    as_seen = rows(f"select * from monitoring.leads('{COUNTY}', '{D2}') where household_id = 'H3'")[0]
    assert (as_seen["is_signal_gone"], as_seen["last_seen"]) == (False, D2)


def test_two_dangerous_houses_are_one_lead_with_two_hits() -> None:
    county({"housing.house_safety": [house("H1", "C"), house("H1", "D", house_no="second")]})
    touch(D1, "H1")
    run(D1)
    assert [(lead["household_id"], lead["hit_count"]) for lead in rows(LEADS)] == [("H1", 2)]


def test_a_missing_department_makes_its_rules_partial_and_data_that_never_came_blocks_them() -> None:
    with transaction() as connection:
        scratch_facts.fill(connection, D1, {"housing.house_safety": [house("H1", "C")]})
        scratch_facts.arrived(connection, D1, without=["education"])
        scratch_facts.arrived(connection, D2, without=["housing"])
    first, second = run(D1, D2)
    assert status_of(first)["R-EDU-01"] == "blocked"
    assert status_of(first)["R-HOU-01"] == "ok"
    assert status_of(second)["R-HOU-01"] == "partial"
    reason = next(rule.reason for rule in second.rules if rule.rule_id == "R-HOU-01")
    assert reason == "住房和城乡建设局《农房安全档案》未报送，沿用 2026-09-21 的数据"
    assert status_of(second)["R-EDU-01"] == "ok"


def test_a_rule_that_was_blocked_looks_at_everyone_when_its_data_comes() -> None:
    with transaction() as connection:
        scratch_facts.fill(connection, D1, {"housing.house_safety": [house("H1", "C")]})
        scratch_facts.arrived(connection, D1, without=["housing"])
        scratch_facts.arrived(connection, D2)
    run(D1, D2)
    assert [(h["household_id"], h["valid_from"]) for h in rows(HITS)] == [("H1", D2)]


def test_an_unknown_monitor_line_blocks_the_rule_and_says_so() -> None:
    summary = monitoring.run(D1, "630121")
    result = next(rule for rule in summary.rules if rule.rule_id == "R-INC-01")
    assert result.status == "blocked"
    assert result.reason == "参数未定: 防返贫监测线；待县级确认后启用"
    stored = rows("select status, reason from monitoring.rule_run where rule_id = 'R-INC-01'")
    assert stored == [{"status": "blocked", "reason": result.reason}]


def test_nothing_in_the_schema_is_a_personal_value() -> None:
    names = rows(
        "select column_name as name from information_schema.columns where table_schema = 'monitoring'"
    )
    assert names
    assert not {row["name"] for row in names} & {"name", "id_number", "phone", "name_masked", "id_masked"}

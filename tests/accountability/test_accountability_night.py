"""Figures of whole nights: carried on like summed anew, frozen by revision, open to the rows behind them."""

from __future__ import annotations

import datetime as dt
import decimal
from typing import Any

import pytest
from sqlalchemy import text

from tests.sql import scratch_facts
from tests.sql.scratch_facts import COUNTY, VILLAGE
from xianjie import accountability
from xianjie.database.engine import transaction

D1, D2, D3 = (dt.date(2026, 9, day) for day in (21, 22, 23))
OTHER = "639900101201"
VALUES = """
select business_date, revision, indicator, division_code, entities, numerator, denominator, value, light
from accountability.value order by 1, 2, 3, 4
"""
EVIDENCE = """
select indicator, entity_id, numerator, record_key, valid_from, nullif(valid_to, 'infinity') as valid_to
from accountability.evidence order by 1, 2, 5
"""


@pytest.fixture(scope="module")
def scratch(warehouse_url: str) -> None:
    scratch_facts.install()


@pytest.fixture(autouse=True)
def empty(scratch: None) -> None:
    with transaction() as connection:
        scratch_facts.clear(connection)


def rows(sql: str) -> list[dict[str, Any]]:
    with transaction() as connection:
        return [dict(row) for row in connection.execute(text(sql)).mappings()]


def house(household: str, grade: str, village: str = VILLAGE, **more: Any) -> dict[str, Any]:
    return {
        "household": household,
        "house_no": household,
        "record": household,
        "grade": grade,
        "is_lived_in": True,
        "village_code": village,
        "town_code": village[:9],
        **more,
    }


def a_county_that_changes() -> None:
    """Four houses in two villages; H2 is graded D on the second night, H4 mended on the third."""
    with transaction() as connection:
        scratch_facts.fill(
            connection,
            D1,
            {
                "housing.house_safety": [
                    house("H1", "A"),
                    house("H2", "B", to=D2),
                    house("H2", "D", **{"from": D2}),
                    house("H3", "A", OTHER),
                    house("H4", "C", OTHER, to=D3),
                    house("H4", "A", OTHER, **{"from": D3}),
                ]
            },
        )
        for night in (D1, D2, D3):
            scratch_facts.arrived(connection, night)
        scratch_facts.touched(connection, D2, "H2")
        scratch_facts.touched(connection, D3, "H4")


def run(*nights: dt.date, full: bool = False) -> list[accountability.Summary]:
    return [accountability.run(night, COUNTY, full=full) for night in nights]


def figure(day: dt.date, division: str = COUNTY, indicator: str = "I-3B-03") -> tuple[Any, ...]:
    found = rows(
        "select numerator, denominator, value, light from accountability.current_value"
        f" where business_date = '{day}' and division_code = '{division}' and indicator = '{indicator}'"
    )
    return tuple(found[0].values())


def test_figures_follow_the_evidence_by_county_town_and_village() -> None:
    a_county_that_changes()
    run(D1, D2, D3)
    assert figure(D1) == (3, 4, 75, "red")
    assert figure(D2) == (2, 4, 50, "red")
    assert figure(D3) == (3, 4, 75, "red")
    assert figure(D1, VILLAGE) == figure(D1, VILLAGE[:9]) == (2, 2, 100, "green")
    assert figure(D2, VILLAGE) == (1, 2, 50, "red")
    assert figure(D3, OTHER) == (2, 2, 100, "green")


def test_running_a_night_again_publishes_nothing_new() -> None:
    a_county_that_changes()
    run(D1, D2)
    before = rows(VALUES), rows(EVIDENCE)
    again = run(D2)[0]
    assert (again.published.revision, again.published.is_new) == (1, False)
    assert (rows(VALUES), rows(EVIDENCE)) == before


@pytest.mark.parametrize("night", [D1, D2, D3])
def test_a_full_computation_gives_what_the_nights_gave(night: dt.date) -> None:
    a_county_that_changes()
    run(D1, D2, D3)
    before = rows(VALUES), rows(EVIDENCE)
    done = run(night, full=True)[0]
    assert not done.published.is_new
    assert not any(later.is_new for later in done.later)
    assert (rows(VALUES), rows(EVIDENCE)) == before


def test_late_data_makes_a_new_revision_and_keeps_the_old_figures() -> None:
    a_county_that_changes()
    run(D1, D2, D3)
    with transaction() as connection:
        scratch_facts.fill(connection, D1, {"housing.house_safety": [house("H5", "D")]})
        scratch_facts.touched(connection, D1, "H5")
    done = accountability.run(D1, COUNTY, reason="住建局补报")
    assert (done.published.revision, done.published.is_new) == (2, True)
    assert [(later.business_date, later.revision) for later in done.later] == [(D2, 2), (D3, 2)]
    assert figure(D1) == (3, 5, 60, "red")
    assert figure(D3) == (3, 5, 60, "red")
    old = [
        row
        for row in rows(VALUES)
        if (row["business_date"], row["revision"], row["indicator"], row["division_code"])
        == (D1, 1, "I-3B-03", COUNTY)
    ]
    assert (old[0]["numerator"], old[0]["denominator"]) == (3, 4)
    reasons = rows("select reason from accountability.publication where revision = 2")
    assert {row["reason"] for row in reasons} == {"住建局补报"}


def test_a_missing_department_is_named_beside_its_figures() -> None:
    a_county_that_changes()
    with transaction() as connection:
        scratch_facts.arrived(connection, D2, without=["housing"])
    done = run(D1, D2)[1]
    status = {result.indicator: result.status for result in done.indicators}
    assert status["I-3B-03"] == "partial"
    assert status["I-3B-01"] == "ok"
    stored = rows(
        "select missing_departments from accountability.current_value"
        f" where business_date = '{D2}' and indicator = 'I-3B-03' and division_code = '{COUNTY}'"
    )
    assert stored == [{"missing_departments": ["housing"]}]


def test_data_that_never_came_gives_a_grey_figure_with_the_reason() -> None:
    with transaction() as connection:
        scratch_facts.arrived(connection, D1, without=["housing"])
    done = run(D1)[0]
    blocked = next(result for result in done.indicators if result.indicator == "I-3B-03")
    assert blocked.status == "blocked"
    assert blocked.reason is not None
    assert blocked.reason.endswith("未报送，此前从未报送")
    assert figure(D1) == (0, 0, None, "grey")


def test_the_scoreboard_hangs_every_figure_in_the_tree() -> None:
    a_county_that_changes()
    run(D1)
    with transaction() as connection:
        board = accountability.scoreboard(connection, D1, COUNTY)
    assert len(board.nodes) == 1 + 7 + 5 + 36
    nodes = {state.node.id: state for state in board.nodes}
    assert nodes["N12"].light == "red"
    assert nodes["N12"].lead.name == "住建局"
    assert nodes["N12"].title.endswith("（待县级确认）")
    assert nodes["S1"].title == "组织领导"
    assert nodes["N31"].light == "grey"
    figures = {each.indicator: each for each in board.figures}
    assert len(figures) == 13
    assert figures["I-EMP-01"].light == "grey"
    assert "待县级确认" in figures["I-EMP-01"].note


def test_a_figure_opens_into_the_rows_that_count_against_it() -> None:
    a_county_that_changes()
    run(D1)
    opened = accountability.trace("I-3B-03", OTHER[:9], D1)
    assert (opened.numerator, opened.denominator, opened.entities, opened.is_proven) == (1, 2, 2, True)
    assert [(row.household_id, row.numerator) for row in opened.rows] == [("H4", 0), ("H3", 1)]


def test_two_figures_of_the_same_rows_share_their_evidence() -> None:
    """So many are at work; that is such a share of the year's task."""
    homes = [{"household": name, "hh_type": "formerly_poor"} for name in ("H1", "H2")]
    working = {"month": "2026-09-01", "status": "employed", "village_code": VILLAGE}
    with transaction() as connection:
        people = [
            {"person": "a", "household": "H1", **working},
            {"person": "b", "household": "H2", "from": D2, **working},
        ]
        facts = {"rural_revitalisation.households": homes, "employment.work_monthly": people}
        scratch_facts.fill(connection, D1, facts)
        for night in (D1, D2):
            scratch_facts.arrived(connection, night)
        scratch_facts.touched(connection, D2, "H2")
    for night, working_ones in ((D1, 1), (D2, 2)):
        run(night)
        assert figure(night, indicator="I-EMP-01")[:3] == (working_ones, working_ones, working_ones)
        share = round(decimal.Decimal(100 * working_ones) / 1250, 4)  # the demo county's task
        assert figure(night, indicator="I-EMP-02")[:3] == (working_ones, working_ones, share)
    assert {row["indicator"] for row in rows(EVIDENCE)} >= {"I-EMP-01"}
    assert "I-EMP-02" not in {row["indicator"] for row in rows(EVIDENCE)}
    opened = accountability.trace("I-EMP-02", COUNTY, D2)
    assert (opened.is_proven, [row.household_id for row in opened.rows]) == (True, ["H1", "H2"])


def test_a_figure_nobody_published_cannot_be_traced() -> None:
    with pytest.raises(accountability.NoSuchValueError):
        accountability.trace("I-3B-03", COUNTY, D1)


def test_nothing_in_the_schema_is_a_personal_value() -> None:
    columns = "select column_name as name from information_schema.columns"
    names = rows(f"{columns} where table_schema = 'accountability'")
    assert names
    assert not {row["name"] for row in names} & {"name", "id_number", "phone", "name_masked", "id_masked"}

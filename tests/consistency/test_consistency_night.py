"""The life of a finding: it opens, stays, closes by itself, is settled, and comes back on new evidence."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from sqlalchemy import text

from tests.consistency.consistency_county import (
    ALWAYS,
    COUNTY,
    D1,
    D2,
    D3,
    D4,
    FINDINGS,
    a_county_that_changes,
    county,
    dibao_of,
    everything,
    findings,
    rows,
    run,
    touch,
)
from tests.sql import scratch_facts
from xianjie import consistency
from xianjie.consistency import SettlementError, night
from xianjie.database.engine import transaction

ASKED = {"X-02", "X-03", "X-05", "C-02-006", "C-02-007", "C-11-006", "C-15-022"}


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the checks that these tests are about; all of them are asked in another module."""
    asked = tuple(check for check in consistency.checks() if check.id in ASKED)
    assert len(asked) == len(ASKED)
    monkeypatch.setattr(night, "checks", lambda: asked)


def settle(finding: dict[str, Any], result: Any, on: dt.date | None = None, why: str = "入户核实") -> None:
    with transaction() as connection:
        consistency.settle(
            connection, COUNTY, finding["finding_id"], result=result, by="张三", why=why, on=on
        )


def test_a_finding_opens_stays_and_closes_by_itself_when_the_data_is_right() -> None:
    county(dibao_of("H1", "a", [("none", ALWAYS[0], D3), ("rural", D3, ALWAYS[1])]))
    touch(D1, "H1")
    touch(D3, "H1")
    run(D1, D2)
    (finding,) = findings("X-03")
    assert (finding["first_found_on"], finding["closed_on"]) == (D1, None)
    assert finding["due_on"] == D1 + dt.timedelta(days=10)
    assert finding["record_key"] == scratch_facts.key("P-a")
    assert finding["other_record_key"] == scratch_facts.key("D-a")
    run(D3)
    (finding,) = findings("X-03")
    assert (finding["closed_on"], finding["closed_reason"]) == (D3, "put_right")


def test_one_that_comes_back_is_a_new_finding() -> None:
    states = [("none", ALWAYS[0], D2), ("rural", D2, D3), ("none", D3, ALWAYS[1])]
    county(dibao_of("H1", "a", states))
    for day in (D1, D2, D3):
        touch(day, "H1")
    run(D1, D2, D3)
    assert [(f["first_found_on"], f["closed_on"]) for f in findings("X-03")] == [(D1, D2), (D3, None)]


def test_no_change_closes_it_until_its_evidence_changes() -> None:
    county(
        {
            "rural_revitalisation.households": [
                {"household": "H1", "record": "B", "hh_type": "formerly_poor", "size_now": 1, "wage_income_yuan": yuan,
                 "from": start, "to": end}
                for yuan, start, end in ((5000, ALWAYS[0], D4), (4000, D4, ALWAYS[1]))
            ]
        }
    )  # fmt: skip
    touch(D1, "H1")
    run(D1)
    settle(findings("C-02-006")[0], "none")
    touch(D2, "H1")
    run(D2)
    run(D3, full=True)
    (finding,) = findings("C-02-006")
    assert (finding["closed_on"], finding["closed_reason"]) == (D1, "no_change")
    touch(D4, "H1")
    run(D4)
    assert [f["first_found_on"] for f in findings("C-02-006")] == [D1, D4]


def test_a_decision_to_change_something_leaves_it_open_until_the_data_agrees() -> None:
    county(dibao_of("H1", "a", [("none", ALWAYS[0], D3), ("rural", D3, ALWAYS[1])]))
    touch(D1, "H1")
    touch(D3, "H1")
    run(D1)
    settle(findings("X-03")[0], "source")
    run(D2)
    assert findings("X-03")[0]["closed_on"] is None
    (shown,) = rows(
        "select * from consistency.findings(:county, :day) where check_id = 'X-03'", county=COUNTY, day=D2
    )
    assert (shown["result"], shown["is_open"], shown["last_found_on"]) == ("source", True, D2)
    run(D3)
    assert findings("X-03")[0]["closed_reason"] == "put_right"


def test_a_decision_taken_back_opens_it_again() -> None:
    county(dibao_of("H1", "a", [("none", *ALWAYS)]))
    touch(D1, "H1")
    run(D1)
    first = findings("X-03")[0]
    settle(first, "none")
    with transaction() as connection:
        connection.execute(
            text(
                "insert into consistency.settlement (county_code, finding_id, check_id, entity_id, evidence_hash,"
                " result, decided_on, decided_by, why, decided_at) select county_code, finding_id, check_id, entity_id,"
                " evidence_hash, 'source', :day, decided_by, why, decided_at from consistency.settlement"
            ),
            {"day": D2},
        )
    run(D2, full=True)
    assert [f["closed_on"] for f in findings("X-03")] == [D1, None]


@pytest.mark.parametrize("why", ["", "  "])
def test_a_decision_without_a_reason_is_refused(why: str) -> None:
    county(dibao_of("H1", "a", [("none", *ALWAYS)]))
    touch(D1, "H1")
    run(D1)
    with pytest.raises(SettlementError):
        settle(findings("X-03")[0], "none", why=why)


def test_what_is_not_open_cannot_be_settled() -> None:
    county(dibao_of("H1", "a", [("none", *ALWAYS)]))
    with pytest.raises(SettlementError):
        settle({"finding_id": uuid.uuid4()}, "none")  # no night was evaluated
    touch(D1, "H1")
    run(D1)
    with pytest.raises(SettlementError):
        settle({"finding_id": uuid.uuid4()}, "none")
    with pytest.raises(SettlementError):
        settle(findings("X-03")[0], "none", on=D1 - dt.timedelta(days=1))


def test_nights_follow_what_changed_and_what_time_changed() -> None:
    a_county_that_changes()
    summaries = run(D1, D2, D3, D4)
    assert [summary.households for summary in summaries] == [5, 1, 3, 0]
    assert not [summary.failed for summary in summaries if summary.failed]
    found = {(f["check_id"], f["household_id"], f["first_found_on"], f["closed_on"]) for f in rows(FINDINGS)}
    assert found == {
        ("X-03", "H1", D1, D3),
        ("X-05", "H2", D1, D3),
        ("C-02-007", "H3", D2, None),
        ("C-15-022", "H5", D1, D3),
    }


@pytest.mark.parametrize("day", [D1, D2, D3, D4])
@pytest.mark.parametrize("full", [False, True])
def test_a_night_run_again_gives_what_the_nights_gave(day: dt.date, *, full: bool) -> None:
    a_county_that_changes()
    run(D1, D2, D3, D4)
    before = everything()
    run(day, full=full)
    assert everything() == before


def test_nights_out_of_order_give_what_they_give_in_order() -> None:
    a_county_that_changes()
    run(D1, D2, D3, D4)
    before = everything()
    with transaction() as connection:
        for table in ("finding", "run", "check_run", "wake"):
            connection.execute(text(f"delete from consistency.{table}"))
    run(D1, D3, D2, D4)
    assert everything() == before


def test_a_settled_night_run_again_stays_settled() -> None:
    county(dibao_of("H1", "a", [("none", *ALWAYS)]))
    touch(D1, "H1")
    run(D1, D2)
    settle(findings("X-03")[0], "none")
    before = everything()
    run(D1, D2)
    run(D1, full=True)
    assert everything() == before


def test_a_department_that_is_not_connected_is_said_so() -> None:
    county({"rural_revitalisation.households": [{"household": "H1"}]})
    (summary,) = run(D1)
    status = {check.check_id: (check.status, check.reason) for check in summary.checks}
    assert status["X-02"][0] == "skipped"
    assert "数据未接入" in str(status["X-02"][1])
    assert status["X-03"][0] == "ok"


def test_data_that_never_came_blocks_and_a_department_missing_tonight_is_partial() -> None:
    county({"rural_revitalisation.households": [{"household": "H1"}]}, nights=(D1,))
    with transaction() as connection:
        scratch_facts.arrived(connection, D2, without=("civil_affairs",))
        connection.execute(text("delete from ops.diff_base where department = 'housing'"))
    run(D1)
    status = {check.check_id: check.status for check in run(D2)[0].checks}
    assert status["X-03"] == "partial"
    assert status["C-11-006"] == "blocked"


def test_nothing_but_keys_codes_and_numbers_is_kept() -> None:
    a_county_that_changes()
    run(D1, D2, D3)
    kept = rows("select row_to_json(f)::text as kept from consistency.finding as f")
    assert kept
    for row in kept:
        assert "name" not in row["kept"]
        assert "masked" not in row["kept"]

"""A held delivery is put before a person in numbers; the first decision stands, whoever comes second is told."""

from __future__ import annotations

import datetime as dt
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from xianjie.contract.catalogue import Catalogue
from xianjie.night import approvals, steps
from xianjie.night.asking import Question
from xianjie.night.errors import NightFailedError
from xianjie.validation import AlreadyDecidedError, check, conclude, decide, held, question

DAY = dt.timedelta(days=1)
pytestmark = pytest.mark.usefixtures("clean_slate")


@pytest.fixture(autouse=True)
def only_posts(county: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """A catalogue with one dataset."""
    known = Catalogue([county.POSTS])
    for module in ("verdict", "conclusion", "approval"):
        monkeypatch.setattr(sys.modules[f"xianjie.validation.{module}"], "catalogue", lambda: known)
    monkeypatch.setattr(sys.modules["xianjie.contract.catalogue"], "catalogue", lambda *_: known)


@pytest.fixture
def waiting(county: ModuleType, deliver: Any) -> str:
    """A delivery that dropped by 30 %, concluded as held."""
    first = deliver([county.good_row(n) for n in range(100)])
    check(county.POSTS, first.delivery_id)
    county.merged(first)
    second = deliver([county.good_row(n) for n in range(70)], county.FIRST + DAY)
    assert check(county.POSTS, second.delivery_id).decision == "hold"
    conclude("employment", county.FIRST + DAY, county.COUNTY)
    return str(second.delivery_id)


def test_the_numbers_are_in_front_of_who_decides(waiting: str, county: ModuleType) -> None:
    assert held("employment", county.FIRST + DAY, county.COUNTY) == [waiting]
    asked = question(waiting)
    assert asked is not None
    assert asked.subject == "2026-09-22 就业局“试验岗位”待确认：是否接收？"
    for line in (
        "| 本次行数 | 70 |",
        "| 上次接收的行数 | 100 |",
        "| 减少 | 30.0% |",
        "| 上次有、这次没有的记录 | 30 |",
        "| 行数没有明显减少 | ✗ | 全量交付 70 行，比上次接收的 100 行少 30.0%，超过待确认线 20% |",
    ):
        assert line in asked.body.splitlines(), asked.body
    row = county.good_row(1)
    assert not [row[name] for name in ("name", "id_number", "post_no") if str(row[name]) in asked.body]


def test_asking_and_the_command_line_end_alike(waiting: str, county: ModuleType) -> None:
    (asked,) = steps.asked("employment", county.FIRST + DAY)
    assert asked["run_id"] == f"held__{waiting}"
    answered = {"option": "接收", "reason": "已与就业局核实", "by": "admin"}
    assert steps.decided(waiting) is None
    assert steps.settle(waiting, answered) is True  # all departments had concluded: the warehouse runs again
    (row,) = county.rows_of("select outcome, reason, is_late from ops.conclusion where business_date = '2026-09-22'")
    assert (row.outcome, row.is_late) == ("accepted", True)
    assert row.reason.endswith("已由admin确认接收：已与就业局核实")
    assert steps.question(waiting) is None
    run = SimpleNamespace(conf={"delivery_id": waiting})
    assert Question(task_id="ask", subject="", body="").execute({"dag_run": run}) == answered  # not asked again
    assert steps.asked("employment", county.FIRST + DAY) == []


def test_who_is_second_is_told_and_the_first_decision_stands(waiting: str, county: ModuleType) -> None:
    assert approvals.settle(waiting, "refuse", "李科长", "少报一个乡").is_first
    with pytest.raises(AlreadyDecidedError, match="已由李科长拒收：少报一个乡"):
        decide(waiting, "accept", "王科长", "没问题")
    with pytest.raises(NightFailedError, match="已由李科长拒收：少报一个乡；本次回答没有采用"):
        steps.settle(waiting, {"option": "接收", "reason": "没问题", "by": "admin"})
    again = approvals.settle(waiting, "refuse", "王科长", "我也这么看")
    assert (again.is_first, again.sentence) == (False, "这次交付已由李科长拒收：少报一个乡")
    assert [row.decided_by for row in county.rows_of("select * from quality.decision")] == ["李科长"]


def test_no_decision_leaves_it_held(waiting: str, county: ModuleType) -> None:
    assert steps.settle(waiting, {"option": "暂不决定", "reason": "", "by": ""}) is False
    assert county.rows_of("select * from quality.decision") == []
    assert held("employment", county.FIRST + DAY, county.COUNTY) == [waiting]

"""``xianjie conflict``: what is open is listed without a name, and a decision is kept."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.consistency.consistency_county import ALWAYS, D1, D2, county, dibao_of, findings, rows, run, touch
from xianjie import consistency
from xianjie.cli import app
from xianjie.consistency import SettlementError, night


@pytest.fixture(autouse=True)
def one(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = tuple(check for check in consistency.checks() if check.id == "X-03")
    monkeypatch.setattr(night, "checks", lambda: asked)
    county(dibao_of("H1", "a", [("none", *ALWAYS)]))
    touch(D1, "H1")
    run(D1, D2)


def call(*words: str) -> Any:
    done = CliRunner().invoke(app, ["conflict", *words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout) if "--json" in words else done.stdout


def test_open_findings_are_listed_with_both_source_rows() -> None:
    listed = call("list", "--json")
    (finding,) = listed["findings"]
    assert listed["business_date"] == str(D2)
    assert (finding["check_id"], finding["owner"], finding["household_id"]) == (
        "X-03",
        "rural_revitalisation",
        "H1",
    )
    assert finding["record_key"]
    assert finding["other_record_key"]
    assert "低保发放与国家系统登记不一致" in call("list")
    assert call("list", "--department", "housing", "--json")["findings"] == []
    assert call("list", "--check", "X-05", "--json")["findings"] == []


def test_a_decision_is_kept_with_who_when_and_why() -> None:
    (finding,) = findings("X-03")
    done = call(
        "settle",
        str(finding["finding_id"]),
        "--result",
        "无需修改",
        "--why",
        "本月起停发",
        "--by",
        "张三",
        "--json",
    )
    assert (done["result"], done["is_closed"], done["decided_on"]) == ("none", True, str(D2))
    (kept,) = rows("select result, decided_by, why, decided_on from consistency.settlement")
    assert kept == {"result": "none", "decided_by": "张三", "why": "本月起停发", "decided_on": D2}
    assert call("list", "--json")["findings"] == []


def test_an_unknown_result_and_a_closed_finding_are_refused() -> None:
    (finding,) = findings("X-03")
    words = ["conflict", "settle", str(finding["finding_id"]), "--why", "x", "--result"]
    assert CliRunner().invoke(app, [*words, "不管"]).exit_code == 2
    assert CliRunner().invoke(app, [*words, "无需修改"]).exit_code == 0
    assert isinstance(CliRunner().invoke(app, [*words, "改源"]).exception, SettlementError)

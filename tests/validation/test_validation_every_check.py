"""Great Expectations in its real role: each check of the gate, broken once, changes the verdict.

Each case is a history, a last delivery that is accepted without this check's remark, and the same one broken in
one thing. A check without a case fails the first test.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import pytest

from xianjie.contract.model import Contract, FieldType
from xianjie.validation import Verdict, check
from xianjie.validation.policy import policy

Rows = list[dict[str, str | None]]
DAY = dt.timedelta(days=1)
pytestmark = pytest.mark.usefixtures("clean_slate")


@dataclass(frozen=True)
class Delivered:
    """What comes on the n-th night; `changed` rows differ from the good ones in these values."""

    count: int = 100
    night: int = 1
    changed: int = 0
    values: Mapping[str, str | None] = field(default_factory=dict)
    repeated: int = 0
    also: Mapping[str, str | None] = field(default_factory=dict)
    how: Mapping[str, Any] = field(default_factory=dict)

    def rows(self, good_row: Callable[..., dict[str, str | None]]) -> Rows:
        rows = [
            good_row(n, **{**self.also, **(self.values if n < self.changed else {})})
            for n in range(self.count)
        ]
        return rows + [row | {"remark": "再报一次"} for row in rows[: self.repeated]]


@dataclass(frozen=True)
class Case:
    history: tuple[Delivered, ...]
    whole: Delivered
    broken: Delivered
    contract: Callable[[Contract], Contract] = lambda contract: contract


FIRST = Delivered(night=0)
SLOWLY = tuple(Delivered(count, night=n) for n, count in enumerate((200, 200, 200, 170)))


def monthly(contract: Contract) -> Contract:
    """The same posts, one row a month."""
    fields = tuple(
        each.model_copy(update={"type": FieldType.MONTH, "required": True})
        if each.name == "starts_on"
        else each
        for each in contract.fields
    )
    return contract.model_copy(update={"fields": fields, "key": ("post_no", "starts_on"), "rules": ()})


def of_month(text: str, night: int = 1) -> Delivered:
    return Delivered(night=night, changed=100, values={"starts_on": text})


def all_new(night: int, unknown: int, code: str) -> Delivered:
    """A night on which each of 400 rows is new in its remark, and some have an unknown code."""
    return Delivered(400, night, unknown, {"sex": code}, also={"remark": f"第{night}次"})


CASES = {
    "GATE-COLUMN-MISSING": Case((), FIRST, Delivered(night=0, how={"without": ["name"]})),
    "GATE-ROWS-FEW": Case((), Delivered(5, night=0), Delivered(4, night=0)),
    "GATE-ROWS-DROP": Case((FIRST,), Delivered(81), Delivered(50)),
    "GATE-ROWS-DIP": Case((FIRST,), Delivered(81), Delivered(80)),
    "GATE-ROWS-GROWTH": Case((FIRST,), Delivered(149), Delivered(150)),
    "GATE-ROWS-BAND": Case(SLOWLY, Delivered(160, night=4), Delivered(149, night=4)),
    "GATE-COLUMN-LOST": Case((FIRST,), Delivered(101), Delivered(101, how={"without": ["ends_on"]})),
    "GATE-KEY-MISSING": Case(
        (),
        Delivered(night=0, changed=10, values={"post_no": None}),
        Delivered(night=0, changed=11, values={"post_no": None}),
    ),
    "GATE-UNIQUE-LOW": Case((FIRST,), Delivered(repeated=0, changed=1), Delivered(repeated=3)),
    "GATE-VALID-LOW": Case(
        (FIRST,),
        Delivered(changed=10, values={"pay_yuan": "很多"}),
        Delivered(changed=11, values={"pay_yuan": "很多"}),
    ),
    "GATE-CODES-UNKNOWN": Case(
        (),
        Delivered(night=0, changed=5, values={"sex": "新代码"}),
        Delivered(night=0, changed=6, values={"sex": "新代码"}),
    ),
    "GATE-CODES-DRIFT": Case(
        tuple(all_new(night, 4, "旧") for night in range(2)),
        all_new(2, 11, "新"),
        all_new(2, 12, "新"),
    ),
    "GATE-STALE": Case((), of_month("2026-08", 0), of_month("2026-06", 0), monthly),
    "GATE-STALE-SAME": Case((FIRST,), Delivered(night=14), Delivered(night=15)),
    "GATE-COLUMN-EXTRA": Case((FIRST,), Delivered(101), Delivered(101, how={"extra": {"新列": "1"}})),
    "GATE-DRIFT": Case(
        (FIRST,),
        Delivered(changed=100, values={"starts_on": "2026-01-06"}),
        Delivered(changed=100, values={"starts_on": "2026/1/6"}),
    ),
    "GATE-SAME-AS-BEFORE": Case((FIRST,), Delivered(101), Delivered()),
}
TOLD = {
    "GATE-ROWS-DROP": "100 行少 50.0%",
    "GATE-COLUMN-LOST": "离岗日期",
    "GATE-CODES-UNKNOWN": "“性别”不认得的代码 6 行（6.0%），如 “新代码” 6 行",
    "GATE-CODES-DRIFT": "“性别” 12 行（3.0%，平时 1.0%）（超过 2 个百分点）",
    "GATE-STALE": "数据最新只到 2026-06-30（业务日期前 83 天），超过报送频次允许的 44 天",
    "GATE-STALE-SAME": "内容自 2026-09-21 起一直相同（15 天），超过报送频次允许的 14 天",
    "GATE-DRIFT": "“上岗日期”的写法由 2026-09-01 变为 2026/9/1（GATE-DRIFT）",
    "GATE-SAME-AS-BEFORE": "内容与上次交付完全相同，自 2026-09-21 起未变（GATE-SAME-AS-BEFORE）",
}


@pytest.fixture
def judge(deliver: Any, county: ModuleType) -> Callable[[Contract, Delivered], Verdict]:
    """Lands and checks; an accepted delivery becomes the next one's base."""

    def run(contract: Contract, delivered: Delivered) -> Verdict:
        day = county.FIRST + delivered.night * DAY
        delivery = deliver(delivered.rows(county.good_row), day, contract=contract, **delivered.how)
        verdict = check(contract, delivery.delivery_id)
        if verdict.decision == "accept":
            county.merged(delivery)
        return verdict

    return run


def unmet(county: ModuleType, verdict: Verdict) -> set[str]:
    query = "select code from quality.gate_result where delivery_id = :d and not is_met"
    return {row.code for row in county.rows_of(query, d=verdict.delivery_id)}


def test_every_check_of_the_policy_has_a_case() -> None:
    assert set(CASES) == {each.code for each in policy().checks}


@pytest.mark.parametrize("code", CASES)
def test_breaking_it_once_changes_the_verdict(code: str, judge: Any, county: ModuleType) -> None:
    case, decision = CASES[code], policy().text(code).decision
    contract = case.contract(county.POSTS)
    for delivered in case.history:
        assert judge(contract, delivered).decision == "accept"
    broken = judge(contract, case.broken)
    assert code in unmet(county, broken)
    if decision == "notice":
        assert (broken.decision, broken.code) == ("accept", "GATE-OK")
        assert f"（{code}）" in broken.reason
    else:
        assert (broken.decision, broken.code) == (decision, code)
    assert TOLD.get(code, "") in broken.reason


@pytest.mark.parametrize("code", CASES)
def test_unbroken_it_is_accepted(code: str, judge: Any, county: ModuleType) -> None:
    case = CASES[code]
    contract = case.contract(county.POSTS)
    for delivered in case.history:
        judge(contract, delivered)
    whole = judge(contract, case.whole)
    assert whole.decision == "accept", whole.reason
    assert code not in unmet(county, whole)


def test_a_person_s_word_starts_the_count_of_sameness_anew(judge: Any, county: ModuleType) -> None:
    from xianjie.validation import decide

    judge(county.POSTS, FIRST)
    held = judge(county.POSTS, Delivered(night=20))
    assert held.code == "GATE-STALE-SAME"
    decide_on(decide, held, county)
    assert judge(county.POSTS, Delivered(night=30)).decision == "accept"
    assert judge(county.POSTS, Delivered(night=40)).code == "GATE-STALE-SAME"


def decide_on(decide: Any, verdict: Verdict, county: ModuleType) -> None:
    """Enters a person's word without judging again: these contracts stand in no catalogue."""
    import sys

    from xianjie.contract.catalogue import Catalogue

    module = sys.modules["xianjie.validation.conclusion"]
    whole, module.catalogue = module.catalogue, lambda: Catalogue([county.POSTS])
    try:
        decide(verdict.delivery_id, "accept", "李科长", "台账确无变动")
    finally:
        module.catalogue = whole

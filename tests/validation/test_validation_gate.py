"""Each expectation of the gate, broken once, changes the verdict."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from xianjie.validation import GateError, Verdict, check, gate
from xianjie.validation.suite import Expected

DAY = dt.timedelta(days=1)
pytestmark = pytest.mark.usefixtures("clean_slate")


@pytest.fixture
def night(deliver: Any, county: ModuleType) -> Any:
    """Delivers and checks on the n-th night; an accepted delivery becomes the next one's base."""

    def run(n: int, rows: list[Any], **how: Any) -> Verdict:
        delivery = deliver(rows, county.FIRST + n * DAY, **how)
        verdict = check(county.POSTS, delivery.delivery_id)
        if verdict.decision == "accept":
            county.merged(delivery)
        return verdict

    return run


def good(county: ModuleType, count: int, **changes: str | None) -> list[dict[str, str | None]]:
    return [county.good_row(n, **changes) for n in range(count)]


def test_a_good_first_load_is_accepted(night: Any, county: ModuleType) -> None:
    verdict = night(0, good(county, 100))
    assert (verdict.decision, verdict.code) == ("accept", "GATE-OK")
    assert verdict.reason == "接收：100 行，未变化 0，新增或变化 100，退回 0"


def test_a_missing_required_column_is_refused(night: Any, county: ModuleType) -> None:
    verdict = night(0, good(county, 100), without=["name"])
    assert (verdict.decision, verdict.code) == ("refuse", "GATE-COLUMN-MISSING")
    assert verdict.reason == "缺少必填列：姓名"
    assert verdict.ledger.quarantined == 100


def test_a_renamed_required_column_is_refused_with_the_guess(night: Any, county: ModuleType) -> None:
    verdict = night(0, good(county, 100), renamed={"post_no": "岗位编号码"})
    assert (verdict.decision, verdict.code) == ("refuse", "GATE-COLUMN-MISSING")
    assert "“岗位编号码”可能是“岗位编号”改了名" in verdict.reason


def test_losing_an_optional_column_waits_for_a_person(night: Any, county: ModuleType) -> None:
    night(0, good(county, 100))
    verdict = night(1, good(county, 100), without=["ends_on"])
    assert (verdict.decision, verdict.code) == ("hold", "GATE-COLUMN-LOST")
    assert "离岗日期" in verdict.reason


def test_an_optional_column_that_never_came_is_no_matter(night: Any, county: ModuleType) -> None:
    assert night(0, good(county, 100), without=["ends_on"]).decision == "accept"
    assert night(1, good(county, 100, pay_yuan="900"), without=["ends_on"]).decision == "accept"


def test_a_column_that_may_evolve_may_go(night: Any, county: ModuleType) -> None:
    night(0, good(county, 100))
    assert night(1, good(county, 100), without=["remark"]).decision == "accept"


def test_an_extra_column_is_accepted_and_told(night: Any, county: ModuleType) -> None:
    verdict = night(0, good(county, 100), extra={"新列": "1"})
    assert (verdict.decision, verdict.code) == ("accept", "GATE-OK")
    assert "多出 1 个未约定的列（新列）" in verdict.reason


def test_too_few_rows_are_refused(night: Any, county: ModuleType) -> None:
    verdict = night(0, good(county, 4))
    assert (verdict.decision, verdict.code) == ("refuse", "GATE-ROWS-FEW")


def test_a_truncated_delivery_is_refused_with_its_numbers(night: Any, county: ModuleType) -> None:
    night(0, good(county, 100))
    verdict = night(1, good(county, 40))
    assert (verdict.decision, verdict.code) == ("refuse", "GATE-ROWS-DROP")
    assert "40 行，比上次接收的 100 行少 60.0%" in verdict.reason
    assert verdict.ledger.absent == 60


def test_a_dip_waits_for_a_person(night: Any, county: ModuleType) -> None:
    night(0, good(county, 100))
    verdict = night(1, good(county, 70))
    assert (verdict.decision, verdict.code) == ("hold", "GATE-ROWS-DIP")


def test_a_jump_waits_for_a_person(night: Any, county: ModuleType) -> None:
    night(0, good(county, 100))
    verdict = night(1, good(county, 180))
    assert (verdict.decision, verdict.code) == ("hold", "GATE-ROWS-GROWTH")


def test_slow_bleeding_leaves_the_band(night: Any, county: ModuleType) -> None:
    for n, count in enumerate((200, 200, 200, 170)):
        assert night(n, good(county, count)).decision == "accept"
    verdict = night(4, good(county, 150))
    assert (verdict.decision, verdict.code) == ("hold", "GATE-ROWS-BAND")
    assert "160–300" in verdict.reason


def test_a_refused_delivery_is_no_history(night: Any, county: ModuleType) -> None:
    night(0, good(county, 100))
    assert night(1, good(county, 40)).decision == "refuse"
    assert night(2, good(county, 41)).code == "GATE-ROWS-DROP"
    assert night(3, good(county, 99)).decision == "accept"


def test_a_small_delta_is_not_judged_by_its_size(night: Any, county: ModuleType) -> None:
    night(0, good(county, 100))
    verdict = night(
        1, [county.good_row(1, pay_yuan="很多"), county.good_row(2, pay_yuan="900")], mode="delta"
    )
    assert verdict.decision == "accept"
    assert (verdict.ledger.accepted, verdict.ledger.quarantined, verdict.ledger.absent) == (1, 1, 0)


def test_missing_keys_wait_for_a_person(night: Any, county: ModuleType) -> None:
    rows = good(county, 80) + [county.good_row(n, post_no=None) for n in range(100, 120)]
    verdict = night(0, rows)
    assert (verdict.decision, verdict.code) == ("hold", "GATE-KEY-MISSING")


def test_repeated_keys_wait_for_a_person(night: Any, county: ModuleType) -> None:
    verdict = night(0, good(county, 100) + [county.good_row(n, pay_yuan="1") for n in range(3)])
    assert (verdict.decision, verdict.code) == ("hold", "GATE-UNIQUE-LOW")


def test_too_many_bad_rows_wait_for_a_person(night: Any, county: ModuleType) -> None:
    verdict = night(0, good(county, 80) + [county.good_row(n, pay_yuan="很多") for n in range(80, 100)])
    assert (verdict.decision, verdict.code) == ("hold", "GATE-VALID-LOW")
    assert "合格行只有 80.0%（100 行中 20 行有必须修改的问题）" in verdict.reason


def test_a_new_code_in_use_waits_for_a_person(night: Any, county: ModuleType) -> None:
    verdict = night(0, good(county, 92) + [county.good_row(n, sex="新代码") for n in range(92, 100)])
    assert (verdict.decision, verdict.code) == ("hold", "GATE-CODES-UNKNOWN")
    assert "“性别”" in verdict.reason


def test_the_same_delivery_again_is_accepted_and_told(night: Any, county: ModuleType) -> None:
    night(0, good(county, 100))
    verdict = night(1, good(county, 100))
    assert verdict.decision == "accept"
    assert "内容与上次交付完全相同" in verdict.reason
    assert (verdict.ledger.unchanged, verdict.ledger.accepted) == (100, 0)


def test_rows_of_data_where_names_should_be_are_not_printed(night: Any, county: ModuleType) -> None:
    shifted = {f.name: f"马占林{n}" for n, f in enumerate(county.POSTS.fields) if f.name != "sex"}
    verdict = night(0, good(county, 100), renamed=shifted)
    assert verdict.decision == "refuse"
    assert "马占林" not in verdict.reason
    assert "马占林" not in verdict.data_docs.read_text(encoding="utf-8")


def test_an_expectation_that_breaks_is_our_error(
    night: Any, county: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = Expected(
        "GATE-VALID-LOW", "whole", "ExpectColumnMinToBeBetween", {"column": "没有这列", "min_value": 1}
    )
    monkeypatch.setattr(gate, "expectations", lambda *_: (broken,))
    with pytest.raises(GateError, match="GATE-VALID-LOW"):
        night(0, good(county, 100))
    assert county.rows_of("select verdict from ops.delivery")[0].verdict is None


def test_the_page_reads_without_internet_and_without_a_personal_value(night: Any, county: ModuleType) -> None:
    rows = good(county, 95) + [county.good_row(n, sex="错", pay_yuan="很多") for n in range(95, 100)]
    page: Path = night(0, rows).data_docs
    html = page.read_text(encoding="utf-8")
    assert not re.search(r"https?://|<script|<link|<img", html)
    assert "合格行比例：不低于 90" in html
    for row in rows:
        assert not [row[name] for name in ("name", "id_number", "post_no") if str(row[name]) in html]

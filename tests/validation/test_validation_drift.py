"""What a delivery does differently is said exactly; text of a row is quoted only where it is nobody's."""

from __future__ import annotations

import datetime as dt
from types import ModuleType
from typing import Any

import pytest

from xianjie.validation import check

pytestmark = pytest.mark.usefixtures("clean_slate")


def drifted(county: ModuleType, deliver: Any, rows: list[Any], contract: Any = None, **how: Any) -> dict[str, str]:
    """Kind and sentence of each difference of a second night's delivery; also what the page and verdict say."""
    contract = contract or county.POSTS
    first = deliver([county.good_row(n) for n in range(100)], contract=contract)
    check(contract, first.delivery_id)
    county.merged(first)
    second = deliver(rows, county.FIRST + dt.timedelta(days=1), contract=contract, **how)
    verdict = check(contract, second.delivery_id)
    found = county.rows_of("select kind, sentence from quality.drift where delivery_id = :d", d=second.delivery_id)
    page = verdict.data_docs.read_text(encoding="utf-8")
    for row in found:
        assert row.sentence.replace("&", "&amp;") in page
    return {row.kind: row.sentence for row in found} | {"reason": verdict.reason}


def test_a_column_that_went_is_named(county: ModuleType, deliver: Any) -> None:
    found = drifted(county, deliver, [county.good_row(n) for n in range(100)], without=["remark"])
    assert found["column_missing"] == "没有“备注”列"
    assert "没有“备注”列（GATE-DRIFT）" in found["reason"]


def test_columns_that_came_or_were_renamed_are_named(county: ModuleType, deliver: Any) -> None:
    how = {"renamed": {"ends_on": "离岗日期止"}, "extra": {"新列": "1"}}
    found = drifted(county, deliver, [county.good_row(n) for n in range(100)], **how)
    assert found["column_renamed"] == "“离岗日期”可能改名为“离岗日期止”"
    assert found["column_added"] == "多出“新列”列"


def test_values_that_no_longer_parse_are_counted_not_quoted(county: ModuleType, deliver: Any) -> None:
    rows = [county.good_row(n, pay_yuan="杨秀英的补贴" if n < 60 else "900") for n in range(100)]
    found = drifted(county, deliver, rows)
    assert found["type"].startswith("“补贴金额”读不懂的 60 行（")
    assert "杨秀英" not in "".join(found.values())


def test_a_new_code_is_quoted_with_its_rows(county: ModuleType, deliver: Any) -> None:
    rows = [county.good_row(n, sex="第三类" if n < 40 else "男", remark="x") for n in range(100)]
    found = drifted(county, deliver, rows)
    assert found["code"].endswith("如 “第三类” 40 行")
    assert found["code"] in found["reason"]


def test_a_code_of_a_personal_field_is_counted_only(county: ModuleType, deliver: Any) -> None:
    fields = tuple(
        each.model_copy(update={"pi_level": "L3"}) if each.name == "sex" else each for each in county.POSTS.fields
    )
    personal = county.POSTS.model_copy(update={"fields": fields})
    rows = [county.good_row(n, sex="第三类" if n < 40 else "男", remark="x") for n in range(100)]
    found = drifted(county, deliver, rows, personal)
    assert "“性别”不认得的代码 40 行" in found["code"]
    assert "第三类" not in "".join(found.values())


def test_dates_in_another_form_are_named(county: ModuleType, deliver: Any) -> None:
    rows = [county.good_row(n, starts_on="20260105") for n in range(100)]
    assert drifted(county, deliver, rows)["format"] == "“上岗日期”的写法由 2026-09-01 变为 20260901"

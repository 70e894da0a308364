"""The list of data problems: everyone sees what it has to correct, leaders see how much there is."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import openpyxl
import report_samples as samples

from xianjie.reports.cut import counts, cut, fingerprint
from xianjie.reports.issues import IdleCheck, Issue, issue_counts
from xianjie.reports.model import Edition
from xianjie.reports.page import write_page
from xianjie.reports.words import words
from xianjie.reports.workbook import write_workbook


def issue(**values: Any) -> Issue:
    plain: dict[str, Any] = {
        "check_id": "X-03",
        "title": "低保发放与国家系统登记不一致",
        "level": 2,
        "department": "housing",
        "town": "塔尔镇",
        "village": "一村",
        "household_no": "63990010020000001",
        "name_masked": "马*",
        "id_masked": "****0019",
        "senders": ("农村低保对象", "监测对象信息(人)"),
        "evidence": "享受低保政策情况：未享受",
        "fix": "=核对",
        "first_found_on": samples.DAY,
        "due_on": samples.DAY + dt.timedelta(days=10),
        "is_open": True,
        "is_new": True,
        "is_overdue": False,
        "result": None,
        "closed_on": None,
        "closed_reason": None,
    }
    return Issue(**(plain | values))


NIGHT = samples.night(
    issues=(
        issue(),
        issue(id_masked="", level=1, is_new=False, is_overdue=True, result="source"),
        issue(is_open=False, closed_on=samples.DAY, closed_reason="no_change", result="none", level=5),
        issue(department="rural_revitalisation", household_no="63990010020000002"),
    ),
    idle_checks=(
        IdleCheck("X-02", "户籍比对", "rural_revitalisation", "skipped", "数据未接入: 公安局《户籍人口》"),
    ),
)


def sheet(tmp_path: Path, recipient: Any, name: str) -> list[tuple[Any, ...]]:
    path = tmp_path / "a.xlsx"
    write_workbook(path, cut(NIGHT, recipient), Edition(), words("zh"))
    return list(openpyxl.load_workbook(path)[name].iter_rows(values_only=True))


def test_a_department_sees_its_own_problems_with_decision_state_and_day_of_closing(tmp_path: Path) -> None:
    rows = sheet(tmp_path, samples.HOUSING, "比对问题台账")
    top = next(n for n, row in enumerate(rows) if "问题类型" in row)
    mine = [dict(zip(rows[top], row, strict=True)) for row in rows[top + 1 :] if row[0]]
    assert [row["核查结果"] for row in mine] == ["待核查", "改源", "无需修改"]
    assert [row["处理"] for row in mine] == ["整改中", "已逾期", "无需修改"]
    assert mine[0]["怎么改"] == "=核对"
    assert [row["涉及人"] for row in mine[:2]] == ["马* ****0019", "马*"]
    assert mine[2]["销号日"].date() == samples.DAY
    assert "63990010020000002" not in str(rows)


def test_leaders_see_counts_by_level_and_department(tmp_path: Path) -> None:
    rows = sheet(tmp_path, samples.LEADERS, "比对问题汇总")
    assert any(row[1:9] == (1, 1, 0, 0, 0, 2, 1, 1) for row in rows)
    assert [row.total for row in issue_counts(NIGHT.issues)] == [2, 1]


def test_the_page_counts_them_and_says_what_was_not_compared(tmp_path: Path) -> None:
    path = tmp_path / "index.html"
    write_page(path, cut(NIGHT, samples.LEADERS), Edition(), words("zh"))
    assert "比对问题汇总" in path.read_text(encoding="utf-8")
    write_page(path, cut(NIGHT, samples.RURAL), Edition(), words("zh"))
    assert "数据未接入" in path.read_text(encoding="utf-8")


def test_counts_and_the_edition_follow_the_problems() -> None:
    with_issues, without = cut(NIGHT, samples.HOUSING), cut(samples.night(), samples.HOUSING)
    assert (counts(with_issues)["issues"], counts(with_issues)["issues_serious"]) == (2, 1)
    assert fingerprint(with_issues) != fingerprint(without)

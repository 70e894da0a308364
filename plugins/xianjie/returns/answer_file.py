"""The answer file (回执): what became of each row of a returned workbook, for the office that sent it.

It holds places, labels of fields, rules and reasons, and no value of a row: it shows less than what came in.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from xianjie.returns.model import Outcome, Remark, Result, Workbook
from xianjie.settings import settings
from xianjie.workbooks.dress import Wardrobe, write_page
from xianjie.workbooks.heights import lines_of
from xianjie.workbooks.template import read_template

_TEMPLATE = "answer_file.xlsx"
_DETAIL = "逐行结果"
_HEADINGS = ("工作表", "行", "结果", "哪里不对", "怎么改", "说明")
_LINE, _TALLEST = 16.0, 300.0

Look = Literal["good", "bad", "neutral"]


class _Kind(NamedTuple):
    """A result in words: what it is called, how it looks, what follows."""

    title: str
    look: Look
    meaning: str


_KINDS: Mapping[Result | Literal["not_taken", "unanswered"], _Kind] = {
    "accepted": _Kind("已采用", "good", "更正值通过检查，已入库；这一行办结。"),
    "waived": _Kind("已登记属实", "good", "按原值入库，豁免到期前不再退回。"),
    "void": _Kind("已作废", "good", "这一行不再入库，办结。"),
    "still_wrong": _Kind("仍有问题", "bad", "更正后仍不合规，没有入库；请按“怎么改”再改，下一晚的表里还有这一行。"),
    "not_taken": _Kind("没有采用", "bad", "填写的内容读不准，没有采用；请按说明重新填写。"),
    "not_yours": _Kind("不属于本单位", "bad", "这一行不是本单位的数据，没有处理。"),
    "unknown_row": _Kind("查无此行", "bad", "系统里没有这一行，没有处理。"),
    "already_closed": _Kind("此前已办结", "neutral", "这一行已经办结，这次没有再处理。"),
    "superseded": _Kind("已有更新的数据", "neutral", "这一行已有更新的数据，这次没有再处理。"),
    "unanswered": _Kind("未填写", "neutral", "没有填写，继续保留；下一晚的表里还有这些行。"),
}


class _Line(NamedTuple):
    """One line of the details."""

    sheet: str
    line: int
    kind: _Kind
    wrong: str
    mend: str
    said: str


def write_answer_file(
    path: Path, workbook: Workbook, outcomes: Sequence[Outcome], *, file_name: str, title: str, received_at: dt.datetime
) -> None:
    """Writes the answer file of a workbook; of one that was not taken, its remark says why and there are no rows.

    Args:
        path: the file to write (.xlsx).
        workbook: what was read, with its remarks.
        outcomes: what became of each answer.
        file_name: the name under which it came.
        title: the department's name.
        received_at: when it came.
    """
    lines = sorted([*_of_outcomes(outcomes), *_of_remarks(workbook.remarks)], key=lambda each: each[:2])
    counts = Counter(each.kind for each in lines)
    counts[_KINDS["unanswered"]] = workbook.unanswered
    general = [remark for remark in workbook.remarks if remark.line is None]
    book = _Book(path, file_name, title, received_at)
    row = book.table([(kind, counts[kind]) for kind in _KINDS.values() if counts[kind]])
    for remark in general:
        book.remark(row, remark)
        row += 1
    book.details(lines)
    book.close()


def _of_outcomes(outcomes: Sequence[Outcome]) -> Iterator[_Line]:
    for outcome in outcomes:
        wrong = "\n".join(f"{p.field}：{p.title}" if p.field else p.title for p in outcome.problems)
        mend = "\n".join(dict.fromkeys(problem.fix for problem in outcome.problems))
        kind = _KINDS[outcome.result]
        yield _Line(outcome.sheet, outcome.line, kind, wrong, mend, outcome.sentence or kind.meaning)


def _of_remarks(remarks: Sequence[Remark]) -> Iterator[_Line]:
    """Remarks on a row, one line a row however many there are."""
    rows: dict[tuple[str, int], list[Remark]] = {}
    for remark in remarks:
        if remark.line is not None:
            rows.setdefault((remark.sheet or "", remark.line), []).append(remark)
    for (sheet, line), found in rows.items():
        wrong = "\n".join(f"{remark.column} 列：{remark.text}" if remark.column else remark.text for remark in found)
        kind = _KINDS["not_taken"]
        yield _Line(sheet, line, kind, wrong, "", kind.meaning)


class _Book:
    """The answer file being written."""

    def __init__(self, path: Path, file_name: str, title: str, received_at: dt.datetime) -> None:
        template = read_template(settings().include_dir / "templates" / _TEMPLATE)
        self._wardrobe = Wardrobe(path, template, f"退回数据回执 {title}", received_at.date(), {})
        said = {"department": title, "file": file_name, "received_at": f"{received_at:%Y-%m-%d %H:%M}"}
        self._page, self._row = write_page(self._wardrobe, "回执", said)

    def table(self, counts: Sequence[tuple[_Kind, int]]) -> int:
        """The summary; returns the row after it."""
        look = self._wardrobe.look
        for column, text in enumerate(("结果", "行数", "意味着什么")):
            self._page.write_string(self._row, column, text, look("list_header"))
        row = self._row + 1
        for kind, count in counts:
            self._page.set_row(row, 2 * _LINE)
            self._page.write_string(row, 0, kind.title, look(kind.look))
            self._page.write_number(row, 1, count, look("number"))
            self._page.write_string(row, 2, kind.meaning, look("list"))
            row += 1
        return row

    def remark(self, row: int, remark: Remark) -> None:
        """A remark on the file or on a whole sheet."""
        where = "、".join(filter(None, (remark.sheet, f"{remark.column} 列" if remark.column else None)))
        self._page.set_row(row, 2 * _LINE)
        self._page.write_string(row, 0, "提示", self._wardrobe.look("neutral"))
        self._page.write_string(row, 1, "", self._wardrobe.look("number"))
        text = f"{where}：{remark.text}" if where else remark.text
        self._page.write_string(row, 2, text, self._wardrobe.look("list"))

    def details(self, lines: Sequence[_Line]) -> None:
        """One line a row that was answered."""
        sheet = self._wardrobe.sheet(_DETAIL, _DETAIL)
        page = self._wardrobe.template.pages[_DETAIL]
        for column, text in enumerate(_HEADINGS):
            sheet.set_column(column, column, page.widths.get(column, 16.0))
            sheet.write_string(0, column, text, self._wardrobe.look("header"))
        for row, line in enumerate(lines, start=1):
            self._detail(sheet, row, line)
        sheet.freeze_panes(1, 3)
        sheet.autofilter(0, 0, max(1, len(lines)), len(_HEADINGS) - 1)

    def _detail(self, sheet: Any, row: int, line: _Line) -> None:
        plain = self._wardrobe.look("list")
        widths = self._wardrobe.template.pages[_DETAIL].widths
        texts = enumerate((line.wrong, line.mend, line.said), start=3)
        tall = max(lines_of(text, int(widths.get(column, 16.0) * 0.95)) for column, text in texts)
        sheet.set_row(row, min(_TALLEST, _LINE * tall + 4))
        sheet.write_string(row, 0, line.sheet, plain)
        sheet.write_number(row, 1, line.line, self._wardrobe.look("number"))
        sheet.write_string(row, 2, line.kind.title, self._wardrobe.look(line.kind.look))
        for column, text in enumerate((line.wrong, line.mend, line.said), start=3):
            sheet.write_string(row, column, text, plain)

    def close(self) -> None:
        """Finishes the file."""
        self._wardrobe.close()

"""Submission workbooks (填报表): what an office without a system fills in, made from its contract.

One sheet to type into, with drop-downs and checks, one that explains, one with the code lists; a hidden row names
the fields for the intake, which takes the filled-in file as a delivery (see ``intake.formats.submission``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from xianjie.contract.entry import Entry, entries
from xianjie.contract.model import Contract, FieldType, Severity
from xianjie.settings import settings
from xianjie.workbooks import choices
from xianjie.workbooks.dress import Wardrobe, restrict, write_page
from xianjie.workbooks.heights import lines_of
from xianjie.workbooks.template import read_template

MARKER, LAYOUT = "xianjie.submission", 1
META_SHEET, DATA_SHEET, LISTS_SHEET = "_xianjie", "数据", "代码表"
_TEMPLATE = "submission.xlsx"
_PAGE = "填报说明"
_MACHINE_ROW, _HEADING_ROW, _FIRST_ROW = 2, 3, 4
_ROWS = 100_000  # as many as the intake takes of one such sheet
_EXAMPLES = {
    FieldType.DATE: "2026-09-01",
    FieldType.MONTH: "2026-09",
    FieldType.INTEGER: "3",
    FieldType.DECIMAL: "86.5",
    FieldType.BOOLEAN: "是",
}
_MODES = {
    "full": "每次报送全部数据：没有出现在表里的，视为已经退出。",
    "delta": "只报新增和有变化的数据；没有变化的不用再报。",
}
_SHOWN_CHOICES, _SHOWN_LETTERS = 8, 80
_PROTECTION = {
    "select_locked_cells": True, "select_unlocked_cells": True, "format_columns": True, "format_rows": True,
    "format_cells": True, "insert_rows": True, "delete_rows": True, "sort": True,
}  # fmt: skip


class Mark(NamedTuple):
    """What the machine row says of the contract a workbook was made from."""

    contract_id: str
    version: str

    def text(self) -> str:
        """The mark as it stands in the sheet."""
        return f"{MARKER}/{LAYOUT}|{self.contract_id}|{self.version}"


def parse_mark(text: str) -> Mark | None:
    """The mark in a cell; None when the text is none."""
    parts = text.split("|")
    return Mark(parts[1], parts[2]) if parts[0] == f"{MARKER}/{LAYOUT}" and len(parts) == 3 else None


def file_name(contract: Contract) -> str:
    """``农房安全档案_填报表_1.0.0.xlsx``."""
    return f"{contract.title}_填报表_{contract.version}.xlsx"


def write_submission(contract: Contract, path: Path, on: dt.date, county_code: str) -> None:
    """Writes the workbook of a contract with the code lists of a day; equal arguments give equal bytes.

    Raises:
        TemplateError: the template cannot be read or lacks a look.
    """
    template = read_template(settings().include_dir / "templates" / _TEMPLATE)
    wardrobe = Wardrobe(path, template, f"{contract.title} 填报表", on, {})
    offered = entries(contract, on, county_code)
    _explain(wardrobe, contract, offered)
    lists: dict[str, tuple[str, ...]] = {}
    _data(wardrobe, contract, offered, lists)
    if lists:
        choices.write(wardrobe, LISTS_SHEET, lists, is_hidden=False)
    hidden = wardrobe.workbook.add_worksheet(META_SHEET)
    hidden.write_string(0, 0, Mark(contract.id, contract.version).text())
    hidden.very_hidden()
    wardrobe.close()


def _explain(wardrobe: Wardrobe, contract: Contract, offered: Sequence[Entry]) -> None:
    """The first sheet: how to fill in, what each column wants, what is checked."""
    said = {
        "title": contract.title,
        "code": contract.code,
        "department": contract.department_title,
        "version": contract.version,
        "cadence": f"联系人：{contract.liaison}" if contract.liaison else "",
        "deadline": f"{contract.arrival_deadline:%H:%M}",
        "mode": _MODES[contract.delivery_mode],
        "key": "".join(f"「{contract.field(name).label}」" for name in contract.key),
    }
    page, row = write_page(wardrobe, _PAGE, said)
    _line(wardrobe, page, row, ("列", "必填", "怎么填", "可选值或示例", "检查什么"), "list_header")
    for entry in offered:
        row += 1
        field = entry.field
        rules = [rule.title for rule in contract.rules if field.name in rule.fields]
        line = (
            field.label,
            "必填" if field.required else "选填",
            entry.hint,
            _example(entry),
            "；".join(rules),
        )
        _line(wardrobe, page, row, line, "list")
    row += 2
    _line(wardrobe, page, row, ("检查规则", "不符时", "规则", "怎么改", "涉及的列"), "list_header")
    for rule in contract.rules:
        row += 1
        labels = "、".join(contract.field(name).label for name in rule.fields)
        verdict = "退回" if rule.severity is Severity.FIX else "提醒"
        _line(wardrobe, page, row, (rule.id, verdict, rule.title, rule.fix, labels), "list")
    page.protect("", _PROTECTION)


def _line(wardrobe: Wardrobe, page: Any, row: int, texts: Sequence[str], look: str) -> None:
    widths = [wardrobe.template.pages[_PAGE].widths.get(column, 12.0) for column in range(len(texts))]
    lines = max(lines_of(text, int(width * 0.95)) for text, width in zip(texts, widths, strict=True))
    page.set_row(row, 5 + 15 * lines)
    for column, text in enumerate(texts):
        page.write_string(row, column, text, wardrobe.look(look))


def _example(entry: Entry) -> str:
    if not entry.choices:
        return _EXAMPLES.get(entry.field.type, "")
    shown = entry.choices[
        : _SHOWN_CHOICES if len("".join(entry.choices[:_SHOWN_CHOICES])) < _SHOWN_LETTERS else 1
    ]
    more = f"…（共 {len(entry.choices)} 项，见“{LISTS_SHEET}”）" if len(entry.choices) > len(shown) else ""
    return "、".join(shown) + more


def _data(
    wardrobe: Wardrobe, contract: Contract, offered: Sequence[Entry], lists: dict[str, tuple[str, ...]]
) -> None:
    """The sheet to type into."""
    sheet = wardrobe.sheet(DATA_SHEET, DATA_SHEET)
    sheet.hide_gridlines(0)
    said = {"title": contract.title, "code": contract.code, "version": contract.version}
    for row, look in enumerate(("title", "note")):
        sheet.set_row(row, wardrobe.template.height(look), wardrobe.bare(locked=True))
        sheet.write_string(row, 0, wardrobe.said(look, said), wardrobe.look(look))
    sheet.set_row(_MACHINE_ROW, None, None, {"hidden": True})
    for column, entry in enumerate(offered):
        width = max(wardrobe.template.width("answer"), 2.2 * len(entry.label) + 2)
        sheet.set_column(column, column, min(width, 34.0), wardrobe.bare(locked=False))
        sheet.write_string(_MACHINE_ROW, column, entry.field.name)
    sheet.set_column(len(offered), len(offered), None, None, {"hidden": True})
    sheet.write_string(_MACHINE_ROW, len(offered), Mark(contract.id, contract.version).text())
    sheet.set_row(_HEADING_ROW, wardrobe.template.height("header"))
    for column, entry in enumerate(offered):
        look = wardrobe.look("required" if entry.field.required else "header")
        sheet.write_string(_HEADING_ROW, column, entry.label, look)
        restrict(sheet, (_FIRST_ROW, column, _FIRST_ROW + _ROWS - 1, column), entry, _source(entry, lists))
    sheet.freeze_panes(_FIRST_ROW, min(2, len(offered)))
    sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{_FIRST_ROW + _ROWS}"})
    sheet.protect("", _PROTECTION)
    sheet.activate()


def _source(entry: Entry, lists: dict[str, tuple[str, ...]]) -> str | None:
    if not entry.choices:
        return None
    name = entry.field.label
    known = next((title for title, offered in lists.items() if offered == entry.choices), None)
    lists.setdefault(known or name, entry.choices)
    return choices.reference(LISTS_SHEET, list(lists).index(known or name), len(entry.choices))

"""Writes the returned-rows workbook: looks from the template, rows in constant memory.

Equal rows, edition and template give equal bytes. Text is written as text only: nothing that a department typed
becomes a formula, a link or a number.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from xianjie.contract.catalogue import catalogue
from xianjie.contract.entry import Entry, entries
from xianjie.contract.model import Contract
from xianjie.reports.model import ReturnedSheet
from xianjie.reports.returned_rows.columns import sheet_columns
from xianjie.reports.returned_rows.layout import LAYOUT, LISTS_SHEET, META_SHEET, SheetMark, workbook_id
from xianjie.reports.returned_rows.sheet import PROTECTION, DatasetSheet, name_of
from xianjie.settings import settings
from xianjie.workbooks import choices
from xianjie.workbooks.dress import Wardrobe, write_page
from xianjie.workbooks.template import read_template

_TEMPLATE = "returned_rows.xlsx"
_LOCKED = {"locked": True, "quote_prefix": True}
_OPEN = {"locked": False, "num_format": "@"}
_LOOKS: Mapping[str, Mapping[str, Any]] = {
    **dict.fromkeys(("problem", "fix", "opened", "source", "original", "original_problem"), _LOCKED),
    **dict.fromkeys(("decision", "reason", "answer", "answer_problem"), _OPEN),
}


def write_returned_rows(
    path: Path,
    sheets: Sequence[ReturnedSheet],
    business_date: dt.date,
    county_code: str,
    *,
    title: str,
    revision: int,
) -> int:
    """Writes one department's workbook and returns how many rows are in it.

    Args:
        path: the file to write.
        sheets: the department's open returned rows, one sheet a dataset; at least one.
        business_date: the night; code lists are those of this day.
        county_code: six digits; its divisions are offered.
        title: the department's name.
        revision: the edition of the pack it lies in; it makes the workbook's id.

    Raises:
        TemplateError: the template cannot be read or lacks a look.
    """
    key = settings().require_key("token_key")
    department = sheets[0].department
    identity = workbook_id(key, county_code, department, business_date, revision)
    template = read_template(settings().include_dir / "templates" / _TEMPLATE)
    wardrobe = Wardrobe(path, template, f"退回数据更正表 {title}", business_date, _LOOKS)
    contracts = [catalogue().get(f"{sheet.department}.{sheet.dataset}") for sheet in sheets]
    lists: dict[str, tuple[str, ...]] = {}

    def list_of(entry: Entry) -> str | None:
        """Where a field's choices stand in the hidden sheet of lists."""
        if not entry.choices:
            return None
        name = entry.field.code_list or entry.field.type.value
        lists.setdefault(name, entry.choices)
        return choices.reference(LISTS_SHEET, list(lists).index(name), len(entry.choices))

    _cover(wardrobe, sheets, contracts, business_date, title)
    for sheet, contract in zip(sheets, contracts, strict=True):
        mark = SheetMark(identity, county_code, department, sheet.dataset, business_date)
        trouble = {name for row in sheet.rows for name in row.bad_fields}
        columns = sheet_columns(contract, entries(contract, business_date, county_code), trouble)
        DatasetSheet(wardrobe, sheet, contract, columns, mark, key, list_of).write()
    if lists:
        choices.write(wardrobe, LISTS_SHEET, lists)
    _meta(wardrobe, sheets, contracts, mark)
    wardrobe.close()
    return sum(len(sheet.rows) for sheet in sheets)


def _cover(
    wardrobe: Wardrobe,
    sheets: Sequence[ReturnedSheet],
    contracts: Sequence[Contract],
    business_date: dt.date,
    title: str,
) -> None:
    """The first sheet: how to fill in, by when, whom to ask, and what is in the file."""
    deadline = min(contract.arrival_deadline for contract in contracts)
    said = {
        "department": title,
        "business_date": business_date.isoformat(),
        "rows": f"{sum(len(sheet.rows) for sheet in sheets):,}",
        "deadline": f"{business_date + dt.timedelta(days=1)} {deadline:%H:%M}",
    }
    page, row = write_page(wardrobe, "说明", said)
    header, plain = wardrobe.look("list_header"), wardrobe.look("list")
    for column, text in enumerate(("数据集", "名称", "行数", "负责科室", "联系人", "工作表（点击打开）")):
        page.write_string(row, column, text, header)
    for place, (sheet, contract) in enumerate(zip(sheets, contracts, strict=True), start=row + 1):
        line = (contract.code, contract.title, f"{len(sheet.rows):,}", contract.owner, contract.liaison)
        for column, text in enumerate(line):
            page.write_string(place, column, text, plain)
        page.write_url(place, len(line), f"internal:'{name_of(sheet)}'!A1", plain, name_of(sheet))
    page.protect("", PROTECTION)


def _meta(
    wardrobe: Wardrobe, sheets: Sequence[ReturnedSheet], contracts: Sequence[Contract], mark: SheetMark
) -> None:
    """A hidden sheet for whoever looks into the file; the way back relies on each sheet's own mark."""
    said = [
        ("layout", str(LAYOUT)),
        ("workbook_id", str(mark.workbook_id)),
        ("county_code", mark.county_code),
        ("department", mark.department),
        ("business_date", mark.business_date.isoformat()),
        *(
            (f"contract:{contract.id}", f"{contract.version} ({len(sheet.rows)})")
            for sheet, contract in zip(sheets, contracts, strict=True)
        ),
    ]
    hidden = wardrobe.workbook.add_worksheet(META_SHEET)
    for row, pair in enumerate(said):
        hidden.write_row(row, 0, pair)
    hidden.very_hidden()
    hidden.protect()

"""XLSX workbooks: title rows, merged cells, hidden sheets; every cell kept as the text it stands for.

Rows come one by one from a reader written in Rust, which holds the sheet in memory.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from xianjie.contract.model import Contract
from xianjie.intake.formats.headers import header_place
from xianjie.intake.formats.kinds import refusing
from xianjie.landing import BatchTable, SourceFormatError, is_header, text_batches
from xianjie.workbooks import limits
from xianjie.workbooks.scan import scan

_LOOK_AT = 20
_EXACT = 10**15

Cell = str | None


class _Range(NamedTuple):
    """A merged range: its first row, first and last column, as places in what the reader yields."""

    top: int
    first: int
    last: int


def open_table(contract: Contract, name: str, path: Path) -> BatchTable:
    """The contract's sheet of a workbook.

    ``reading.sheet`` names it; ``first`` (the default) takes the first visible sheet with a header of this
    contract, so that a cover sheet does no harm.

    Raises:
        SourceFormatError: the workbook is damaged, spans more than memory should hold, the sheet is
            missing, or no sheet has the header.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    with refusing(contract.title):
        scan(path, limits("intake"))
    try:
        book = CalamineWorkbook.from_path(path)
        sheet = _sheet(contract, book)
        head = list(islice(sheet.iter_rows(), _LOOK_AT))
    except (CalamineError, OSError, ValueError):
        raise SourceFormatError(
            f"{contract.title}: 工作簿损坏或没有传完, 请重报", reason="truncated"
        ) from None
    texts = [[as_text(cell) for cell in row] for row in head]
    place = header_place(contract, texts)
    header = tuple(cell or "" for cell in texts[place])
    rows = islice(_merged(sheet), place + 1, None)
    return BatchTable(name, header, text_batches(rows, len(header)), first_line=place + 2)


def head(path: Path, title: str) -> list[list[Cell]]:
    """The first rows of a workbook that no contract knows yet: of its widest visible sheet.

    Raises:
        SourceFormatError: the workbook is damaged, abusive, or has no visible sheet with rows.
    """
    from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

    with refusing(title):
        scan(path, limits("intake"))
    try:
        book = CalamineWorkbook.from_path(path)
        shown = [each.name for each in book.sheets_metadata if each.visible == SheetVisibleEnum.Visible]
        sheets = [
            [
                [as_text(cell) for cell in row]
                for row in islice(book.get_sheet_by_name(name).iter_rows(), _LOOK_AT)
            ]
            for name in shown
        ]
    except (CalamineError, OSError, ValueError):
        raise SourceFormatError(f"{title}: 工作簿损坏或没有传完", reason="truncated") from None
    return max(sheets, key=lambda rows: max((len(row) for row in rows), default=0), default=[])


def as_text(cell: Any) -> Cell:
    """A cell as text: dates in ISO form, whole numbers without a point, long ones as Excel garbled them."""
    if isinstance(cell, str):
        return cell or None
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < _EXACT else repr(cell).upper()
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date().isoformat()
    return None if cell is None else str(cell)


def _sheet(contract: Contract, book: Any) -> Any:
    from python_calamine import SheetVisibleEnum

    wanted = contract.source.reading.get("sheet", "first")
    visible = [each.name for each in book.sheets_metadata if each.visible == SheetVisibleEnum.Visible]
    if wanted != "first":
        if wanted not in book.sheet_names:
            raise SourceFormatError(f"{contract.title}: 工作簿里没有工作表「{wanted}」", reason="wrong_sheet")
        return book.get_sheet_by_name(wanted)
    sheets = [book.get_sheet_by_name(name) for name in visible]
    found = next((sheet for sheet in sheets if _has_header(contract, sheet)), None)
    if found is None:
        raise SourceFormatError(
            f"{contract.title}: 没有一张工作表的表头与约定一致, 请确认是否发错文件", reason="no_header"
        )
    return found


def _has_header(contract: Contract, sheet: Any) -> bool:
    head = islice(sheet.iter_rows(), _LOOK_AT)
    return any(is_header(contract, [as_text(cell) for cell in row]) for row in head)


def _merged(sheet: Any) -> Iterator[Sequence[Cell]]:
    """The sheet's rows as text; a merged cell's value stands in every cell it covers.

    The reader begins with the sheet's first row, but with the first column in use.
    """
    left = sheet.start[1] if sheet.start else 0
    covering: dict[int, list[_Range]] = {}
    for (top, first), (bottom, last) in sheet.merged_cell_ranges or ():
        for row in range(top, bottom + 1):
            covering.setdefault(row, []).append(_Range(top, first - left, last - left))
    values: dict[_Range, Cell] = {}
    for number, row in enumerate(sheet.iter_rows()):
        # Most cells are text: sparing them a call saves a quarter of the time.
        texts = [cell or None if type(cell) is str else as_text(cell) for cell in row]
        for area in covering.get(number, ()):
            if number == area.top:
                values[area] = texts[area.first] if 0 <= area.first < len(texts) else None
            for column in range(max(area.first, 0), min(area.last + 1, len(texts))):
                texts[column] = values[area]
        yield texts

"""XLSX workbooks: title rows, merged cells, hidden sheets; every cell kept as the text it stands for.

Rows come one by one from a reader written in Rust, which holds the sheet in memory.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from xianjie.contract.model import Contract
from xianjie.intake.formats.headers import header_place
from xianjie.landing import BatchTable, SourceFormatError, is_header, text_batches

_LOOK_AT = 20
_EXACT = 10**15

Cell = str | None


def open_table(contract: Contract, name: str, path: Path) -> BatchTable:
    """The contract's sheet of a workbook.

    ``reading.sheet`` names it; ``first`` (the default) takes the first visible sheet with a header of this
    contract, so that a cover sheet does no harm.

    Raises:
        SourceFormatError: the workbook is damaged, the sheet is missing, or no sheet has the header.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_path(path)
        sheet = _sheet(contract, book)
        head = list(islice(sheet.iter_rows(), _LOOK_AT))
    except (CalamineError, OSError, ValueError):
        raise SourceFormatError(
            f"{contract.title}: 工作簿损坏或没有传完, 请重报", reason="truncated"
        ) from None
    top, left = sheet.start or (0, 0)
    texts = [[as_text(cell) for cell in row] for row in head]
    place = header_place(_shifted(contract, top), texts)
    header = tuple(cell or "" for cell in texts[place])
    rows = islice(_merged(sheet, top, left), place + 1, None)
    return BatchTable(name, header, text_batches(rows, len(header)), first_line=top + place + 2)


def as_text(cell: Any) -> Cell:
    """A cell as text; dates in ISO form, whole numbers without a point, long numbers as Excel garbled them."""
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
    wanted = contract.source.reading.get("sheet", "first")
    visible = [each.name for each in book.sheets_metadata if each.visible.name == "Visible"]
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


def _shifted(contract: Contract, top: int) -> Contract:
    """The contract with its declared header row counted from the first used row of the sheet."""
    declared = contract.source.reading.get("header_row")
    if not top or declared is None:
        return contract
    reading = contract.source.reading | {"header_row": int(declared) - top}
    return contract.model_copy(update={"source": contract.source.model_copy(update={"reading": reading})})


def _merged(sheet: Any, top: int, left: int) -> Iterator[Sequence[Cell]]:
    """The sheet's rows as text; a merged cell's value stands in every cell it covers."""
    ranges = [
        (first_row - top, first_column - left, last_row - top, last_column - left)
        for (first_row, first_column), (last_row, last_column) in sheet.merged_cell_ranges or ()
    ]
    covering: dict[int, list[tuple[int, int, int, int]]] = {}
    for each in ranges:
        for row in range(each[0], each[2] + 1):
            covering.setdefault(row, []).append(each)
    values: dict[tuple[int, int], Cell] = {}
    for number, row in enumerate(sheet.iter_rows()):
        texts = [as_text(cell) for cell in row]
        for first_row, first_column, _, last_column in covering.get(number, ()):
            corner = (first_row, first_column)
            if number == first_row:
                values[corner] = texts[first_column] if first_column < len(texts) else None
            for column in range(first_column, min(last_column + 1, len(texts))):
                texts[column] = values[corner]
        yield texts

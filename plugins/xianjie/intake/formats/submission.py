"""Submission workbooks (填报表) as a delivery: columns by the hidden row for machines, empty rows passed over.

What an office did to its sheet besides filling it in (formulas, merged cells, an outdated edition) is no reason
to refuse it: it is said in the receipt.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path

from xianjie.contract.entry import Entry, entries
from xianjie.contract.model import Contract
from xianjie.contract.submission import META_SHEET, Mark, parse_mark
from xianjie.intake.formats.kinds import refusing
from xianjie.intake.formats.opening import Opening
from xianjie.landing import BatchTable, SourceFormatError, text_batches
from xianjie.settings import settings
from xianjie.workbooks import limits
from xianjie.workbooks.sheets import Cell, OpenWorkbook, Row, SheetInfo

_LOOK_AT = 60
_LARGEST_DIRECTORY = 1 << 20


def is_submission(path: Path) -> bool:
    """Whether a workbook may be one of ours: it has our hidden sheet."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open("xl/workbook.xml") as stream:
            return f'"{META_SHEET}"'.encode() in stream.read(_LARGEST_DIRECTORY)
    except (zipfile.BadZipFile, KeyError, OSError, zlib.error):
        return False


def open_table(opening: Opening, name: str, path: Path) -> BatchTable | None:
    """A submission workbook as a table; None when it is none after all.

    Raises:
        SourceFormatError: it is of another dataset, damaged, or larger than allowed.
    """
    contract = opening.contract
    with refusing(contract.title), OpenWorkbook(path, limits("returns")) as book:
        found = next((place for sheet in book.sheets if (place := _filled_in(book, sheet))), None)
        if found is None:
            return None
        merged = len([area for area in book.merged(found.sheet) if area[2] > found.line])
    if found.mark.contract_id != contract.id:
        raise SourceFormatError(
            f"{contract.title}: 是别的数据集的填报表 ({found.mark.contract_id}), 请放进它自己的报送文件夹",
            reason="wrong_dataset",
        )
    opening.remarks.extend(_about(contract, found, merged))
    header = tuple(found.columns.values())
    records = _records(opening, path, found)
    return BatchTable(name, header, text_batches(records, len(header)), first_line=found.line + 1)


@dataclass(frozen=True)
class _Found:
    """The sheet that was filled in: the line of its row for machines, and a name for each of its columns."""

    sheet: SheetInfo
    line: int
    mark: Mark
    columns: dict[int, str]


def _filled_in(book: OpenWorkbook, sheet: SheetInfo) -> _Found | None:
    """Finds the row for machines; columns that the office added go by the heading below it."""
    head = list(islice(book.rows(sheet), _LOOK_AT))
    for row, below in pairwise([*head, Row(0, {})]):
        marks = [mark for cell in row.cells.values() if (mark := parse_mark(cell.text)) is not None]
        if marks and len(row.cells) > 1:
            named = {place: cell.text for place, cell in below.cells.items() if below.line == row.line + 1}
            named |= {place: cell.text for place, cell in row.cells.items()}
            columns = {place: text for place, text in sorted(named.items()) if parse_mark(text) is None}
            return _Found(sheet, row.line, marks[0], columns)
    return None


def _about(contract: Contract, found: _Found, merged: int) -> Iterator[str]:
    if found.mark.version != contract.version:
        there = set(found.columns.values())
        missing = "、".join(field.label for field in contract.fields if field.name not in there) or "无"
        yield (
            f"填报表按约定 {found.mark.version} 版制作，现行是 {contract.version} 版（缺少的列：{missing}），请领取新表"
        )
    if merged:
        yield f"有 {merged} 处合并单元格，每处只有第一格的内容被读取"


def _records(opening: Opening, path: Path, found: _Found) -> Iterator[list[str | None]]:
    """One record a line below the row for machines, also for empty lines, so that line numbers stay true."""
    offered = {e.field.name: e for e in entries(opening.contract, opening.on, settings().county_code)}
    formulas, line = 0, found.line
    empty: list[str | None] = [None] * len(found.columns)
    with refusing(opening.contract.title), OpenWorkbook(path, limits("returns")) as book:
        sheet = next(each for each in book.sheets if each.name == found.sheet.name)
        for row in book.rows(sheet):
            if row.line <= found.line:
                continue
            yield from ([*empty] for _ in range(row.line - line - 1))
            line = row.line
            if line == found.line + 1 and _is_heading(offered, found, row):
                yield [*empty]
                continue
            yield [_text(offered.get(name), row.cells.get(place)) for place, name in found.columns.items()]
            formulas += sum(cell.is_formula for cell in row.cells.values())
    if formulas:
        opening.remarks.append(f"有 {formulas} 个格子是公式，按最后显示的值读取，请改为直接填写")


def _is_heading(offered: Mapping[str, Entry], found: _Found, row: Row) -> bool:
    return any(
        (entry := offered.get(found.columns.get(place, ""))) is not None and cell.text == entry.label
        for place, cell in row.cells.items()
    )


def _text(entry: Entry | None, cell: Cell | None) -> str | None:
    if cell is None or not cell.text.strip():
        return None
    if cell.kind == "boolean":
        return "是" if cell.text == "TRUE" else "否"
    return entry.meant(cell.text) if entry is not None else cell.text

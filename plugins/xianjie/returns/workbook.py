"""Reads a filled-in returned-rows workbook, whatever an office did to it on the way.

Rows are known by their hidden key and seal, columns by the hidden row for machines: sorting, filtering, deleting
rows, moving and adding columns, renaming and copying sheets do no harm. A cell that cannot be taken at its word
costs its row, and nothing else: it is a `Remark` that names sheet, row and column, never a value.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path

from xianjie.contract.catalogue import catalogue
from xianjie.contract.entry import Entry, entries
from xianjie.contract.model import Contract
from xianjie.errors import ContractError
from xianjie.reports.returned_rows.layout import (
    ROW_ID,
    SheetMark,
    UnknownLayoutError,
    parse_mark,
)
from xianjie.returns.filled_row import RowReader
from xianjie.returns.model import Answer, Remark, Workbook
from xianjie.settings import settings
from xianjie.workbooks import FileRefusedError, limits
from xianjie.workbooks.sheets import OpenWorkbook, Row, SheetInfo, column_letters

_LOOK_AT = 60  # rows within which the row for machines is looked for
_MOST_MERGED = 2_000  # ranges of one sheet that are followed


@dataclass
class _Found:
    """What has been read so far, over all sheets."""

    key: bytes
    marks: list[SheetMark] = field(default_factory=list)
    answers: dict[uuid.UUID, Answer] = field(default_factory=dict)
    disputed: set[uuid.UUID] = field(default_factory=set)
    remarks: list[Remark] = field(default_factory=list)
    untouched: set[uuid.UUID] = field(default_factory=set)
    is_altered: bool = False
    is_other_layout: bool = False


def read_workbook(path: Path) -> Workbook:
    """Everything an office answered in a workbook.

    Raises:
        FileRefusedError: not opened at all (password, old format, zip bomb, too large, damaged), or no workbook of
            ours (``not_returned_rows``, ``other_layout``, ``altered``, ``other_county``).
    """
    found = _Found(settings().require_key("token_key"))
    with OpenWorkbook(path, limits("returns")) as book:
        found.remarks += _of_the_file(book)
        for sheet in book.sheets:
            _read_sheet(book, sheet, found)
    if not found.marks:
        raise _nothing_of_ours(found)
    first = found.marks[0]
    return Workbook(
        department=first.department,
        business_date=first.business_date,
        workbook_id=first.workbook_id,
        answers=tuple(answer for row_id, answer in found.answers.items() if row_id not in found.disputed),
        unanswered=len(found.untouched - found.answers.keys() - found.disputed),
        remarks=tuple(found.remarks),
    )


def _of_the_file(book: OpenWorkbook) -> Iterator[Remark]:
    if book.sight.has_macros:
        yield Remark("macros", "文件带有宏：宏没有运行，只读取了填写的内容。请另存为普通的 .xlsx。")
    if book.sight.has_links:
        yield Remark("external_links", "文件引用了别的工作簿：引用没有打开，只读取了直接写在格子里的内容。")


def _nothing_of_ours(found: _Found) -> FileRefusedError:
    if found.is_other_layout:
        return FileRefusedError("other_layout", "是旧版式的退回数据更正表, 请改用最近一次报告里的工作簿填写")
    if found.is_altered:
        return FileRefusedError("altered", "工作簿的识别信息被改动, 无法确认来源; 请用报告里的原工作簿填写")
    if any(remark.code == "other_county" for remark in found.remarks):
        return FileRefusedError("other_county", "是别的县的退回数据更正表, 没有读取")
    return FileRefusedError(
        "not_returned_rows", "不是退回数据更正表: 没有一张表有系统识别行, 请确认是否发错文件"
    )


def _read_sheet(book: OpenWorkbook, sheet: SheetInfo, found: _Found) -> None:
    rows = book.rows(sheet)
    head = list(islice(rows, _LOOK_AT))
    start = _machine_row(sheet, head, found)
    if start is None:
        return
    place, mark = start
    contract = _contract(sheet, mark, found)
    if contract is None:
        return
    found.marks.append(mark)
    merged = tuple(book.merged(sheet))
    if len(merged) > _MOST_MERGED:
        found.remarks.append(
            Remark("merged_all", "这张表合并了太多格子，没有采用；请取消合并后再发。", sheet.name)
        )
        return
    reader = RowReader(
        sheet=sheet.name,
        mark=mark,
        contract=contract,
        entries=_entries(contract, mark),
        columns=_columns(sheet, head[place], found),
        merged=merged,
        key=found.key,
    )
    found.remarks += reader.remarks_of_the_sheet()
    for row in chain(head[place + 1 :], rows):
        _take(reader, row, found)


def _entries(contract: Contract, mark: SheetMark) -> dict[str, Entry]:
    return {each.field.name: each for each in entries(contract, mark.business_date, mark.county_code)}


def _machine_row(sheet: SheetInfo, head: list[Row], found: _Found) -> tuple[int, SheetMark] | None:
    """Where among the first rows the one for machines is, and what its mark says."""
    for place, row in enumerate(head):
        for cell in row.cells.values():
            try:
                mark = parse_mark(cell.text, found.key)
            except UnknownLayoutError:
                found.is_other_layout = True
                found.remarks.append(Remark("other_layout", "这张表是旧版式，没有读取。", sheet.name))
                return None
            if mark is not None:
                return place, mark
            if cell.text.startswith("xianjie.returned-rows/"):
                found.is_altered = True
                text = "这张表的识别信息被改动，没有读取；请用报告里的原工作簿填写。"
                found.remarks.append(Remark("altered", text, sheet.name, row.line))
                return None
    return None


def _contract(sheet: SheetInfo, mark: SheetMark, found: _Found) -> Contract | None:
    if mark.county_code != settings().county_code:
        found.remarks.append(Remark("other_county", "这张表是别的县的，没有读取。", sheet.name))
        return None
    try:
        return catalogue().get(f"{mark.department}.{mark.dataset}")
    except ContractError:
        found.remarks.append(Remark("dataset_gone", "这张表的数据集已停止报送，没有读取。", sheet.name))
        return None


def _columns(sheet: SheetInfo, row: Row, found: _Found) -> dict[str, int]:
    """Machine name → column; of a column that was copied, the first counts."""
    columns: dict[str, int] = {}
    for column, cell in sorted(row.cells.items()):
        if cell.text in columns and not cell.text.startswith("@problem"):
            text = "这一列是复制出来的，没有读取；请填在原来的列里。"
            found.remarks.append(Remark("column_twice", text, sheet.name, None, column_letters(column)))
        columns.setdefault(cell.text, column)
    return columns


def _take(reader: RowReader, row: Row, found: _Found) -> None:
    """Takes one row in, unless it is the headings, empty, or nobody touched it."""
    if reader.text(row, ROW_ID) == ROW_ID:
        return
    read = reader.read(row)
    found.remarks += read.remarks
    if read.row_id is None:
        return
    if read.answer is None:
        if not read.remarks:
            found.untouched.add(read.row_id)
        return
    before = found.answers.get(read.row_id)
    if before is None:
        found.answers[read.row_id] = read.answer
    elif (before.decision, before.values, before.reason) != (
        read.answer.decision,
        read.answer.values,
        read.answer.reason,
    ):
        found.disputed.add(read.row_id)
        text = (
            f"与「{before.sheet}」第 {before.line} 行是同一条数据，但填得不一样，两处都没有采用；请只留一处。"
        )
        found.remarks.append(Remark("answered_twice", text, reader.sheet, row.line))

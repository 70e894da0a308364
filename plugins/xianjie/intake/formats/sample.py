"""A sample file without a contract: its header guessed, its rows read by the readers of the intake."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from xianjie import dates
from xianjie.contract.model import Contract, Field, Source
from xianjie.intake.formats import delimited, json_items, workbook
from xianjie.intake.formats.kinds import Kind, kind_of
from xianjie.intake.formats.reading import open_files
from xianjie.intake.staging import StagedFile
from xianjie.landing import BatchTable, SourceFormatError

_TITLE = "样本"
_LONG_NUMBER = re.compile(r"\d{6}")
_FIGURE = re.compile(r"[\d.,/:\-\s年月日]*\d[\d.,/:\-\s年月日Xx]*")


@dataclass(frozen=True)
class Sample:
    """The header and at most so many rows of a file, as text; `header_row` is 1-based."""

    header: tuple[str, ...]
    rows: pa.Table
    format: str
    header_row: int
    encoding: str | None = None


def sample(path: Path, folder: Path, limit: int) -> Sample:
    """Reads a CSV, XLSX or JSON file; scratch copies go below `folder`.

    Raises:
        SourceFormatError: the file is of no kind that the intake reads, or holds no table.
    """
    kind = kind_of(path, _TITLE)
    if kind is Kind.JSON:
        items = json_items.open_table(_probe(("item",)), path.name, path)
        return Sample(items.header, _rows(items, limit), "json", 1)
    if kind not in (Kind.TEXT, Kind.WORKBOOK):
        raise SourceFormatError(f"{_TITLE}: 只能读 CSV、XLSX 或 JSON 文件", reason="archive")
    head = delimited.head(_probe(("x",)), path, folder) if kind is Kind.TEXT else workbook.head(path, _TITLE)
    place = _header_place(head)
    header = tuple(cell for cell in head[place] if cell)
    if any(_LONG_NUMBER.search(cell) for cell in header):
        raise SourceFormatError(f"{_TITLE}: 没有表头行，第一行就是数据", reason="no_header")
    file = StagedFile(path.name, path, "", path.stat().st_size)
    (table,) = open_files(_probe(header), [file], folder, dates.now().date(), [])
    told = table if isinstance(table, BatchTable) else table.row_by_row()
    is_text = kind is Kind.TEXT
    return Sample(
        told.header,
        _rows(told, limit),
        "csv" if is_text else "xlsx",
        place + 1,
        delimited.encoding(_probe(header), path) if is_text else None,
    )


def _header_place(rows: Sequence[Sequence[str | None]]) -> int:
    """The first row that names as many columns as any, with words and not figures."""

    def words(row: Sequence[str | None]) -> int:
        named = {cell for cell in row if cell and not _FIGURE.fullmatch(cell)}
        return len(named) if len(named) * 2 > len([cell for cell in row if cell]) else 0

    counts = [words(row) for row in rows]
    if not counts or max(counts) < 1:
        raise SourceFormatError(f"{_TITLE}: 找不到表头行", reason="no_header")
    widest = max(len([cell for cell in row if cell]) for row in rows)
    return next(
        (n for n, count in enumerate(counts) if count * 4 >= widest * 3), counts.index(max(counts))
    )


def _probe(header: Sequence[str]) -> Contract:
    """A contract that knows exactly these columns, so that the readers find their header."""
    return Contract(
        id="sample.sample",
        code="SAMPLE",
        version="0.0.0",
        department="sample",
        department_title=_TITLE,
        dataset="sample",
        title=_TITLE,
        key=("c0",),
        delivery_mode="full",
        arrival_deadline=dt.time(22),
        cutoff=dt.time(22),
        source=Source(connector="folder", options={"path": "x"}, format="csv"),
        fields=tuple(Field(name=f"c{n}", label=label) for n, label in enumerate(dict.fromkeys(header))),
    )


def _rows(table: BatchTable, limit: int) -> pa.Table:
    batches, found = [], 0
    for batch in table.batches:
        batches.append(batch)
        found += batch.num_rows
        if found >= limit:
            break
    schema = pa.schema([(f"c{n}", pa.string()) for n in range(len(table.header))])
    return pa.Table.from_batches(batches, schema=schema).slice(0, limit)

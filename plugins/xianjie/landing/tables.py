"""What is handed to `publish`: delivered tables, as a CSV file on disk or as a stream of record batches."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pyarrow as pa

BATCH_ROWS = 20_000
_CHUNK = 1 << 22
_LONGEST_CELL = 1 << 24


@dataclass(frozen=True)
class BatchTable:
    """A stream of record batches whose columns are text, in the order of `header`.

    `first_line` is the number a person sees beside the first row. When `is_placed`, three more columns follow
    those of the header: each row's own file, line and operation (``U``, or ``D`` for a withdrawn row).
    """

    file: str
    header: tuple[str, ...]
    batches: Iterable[pa.RecordBatch]
    first_line: int = 1
    is_placed: bool = False

    @property
    def width(self) -> int:
        """Columns of each batch."""
        return len(self.header) + (3 if self.is_placed else 0)


@dataclass(frozen=True)
class CsvTable:
    """A UTF-8 CSV file; `header` names its columns and `skip` lines come before the first row.

    `first_line` is that row's number as a spreadsheet shows it. `is_regular` is false when the file is known
    to hold blank lines: then it is read row by row, for the sake of true line numbers.
    """

    file: str
    header: tuple[str, ...]
    path: Path
    skip: int = 1
    first_line: int = 2
    delimiter: str = ","
    is_regular: bool = True

    def row_by_row(self) -> BatchTable:
        """The same table read forgivingly: ragged rows, stray quotes and broken bytes do not stop it.

        Cells beyond the header get columns of their own, named by their place.
        """
        width = max((len(record) for record in self._records()), default=0)
        header = (*self.header, *(f"第{place}列" for place in range(len(self.header) + 1, width + 1)))
        return BatchTable(self.file, header, text_batches(self._records(), len(header)), self.first_line)

    def _records(self) -> Iterator[Sequence[str | None]]:
        csv.field_size_limit(_LONGEST_CELL)
        encoding = text_encoding(self.path) or "utf-8-sig"
        with self.path.open(encoding=encoding, errors="replace", newline="") as stream:
            for _ in range(self.skip):
                stream.readline()
            whole = (line.replace("\0", "") for line in stream)
            for record in csv.reader(whole, delimiter=self.delimiter):
                yield [cell or None for cell in record]


Table = CsvTable | BatchTable


def text_batches(records: Iterable[Sequence[str | None]], width: int) -> Iterator[pa.RecordBatch]:
    """Rows of text as record batches of `width` columns; short rows are filled up, long ones cut."""
    schema = batch_schema(width)
    source = iter(records)
    while chunk := list(islice(source, BATCH_ROWS)):
        even = [row if len(row) == width else _fit(row, width) for row in chunk]
        columns = [pa.array(column, pa.string()) for column in zip(*even, strict=True)]
        yield pa.RecordBatch.from_arrays(columns, schema=schema)


def batch_schema(width: int) -> pa.Schema:
    """The schema of `text_batches`: columns ``c0`` … all text."""
    return pa.schema([(f"c{place}", pa.string()) for place in range(width)])


def text_encoding(path: Path, limit: int | None = None) -> str | None:
    """``utf-8-sig`` or ``gb18030``, whichever decodes the file (or its first `limit` bytes) without a fault.

    GB18030 is a superset of GBK and GB2312, so it stands for all three. None when neither fits.
    """
    return next((name for name in ("utf-8-sig", "gb18030") if _decodes(path, name, limit)), None)


def _decodes(path: Path, encoding: str, limit: int | None) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    left = limit if limit is not None else path.stat().st_size
    try:
        with path.open("rb") as stream:
            while left > 0 and (chunk := stream.read(min(left, _CHUNK))):
                left -= len(chunk)
                decoder.decode(chunk)
            if limit is None:
                decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _fit(row: Sequence[str | None], width: int) -> Sequence[str | None]:
    return [*row[:width], *[None] * (width - len(row))]

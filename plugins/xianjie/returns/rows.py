"""Rows that we deliver ourselves: answered ones and ones to be judged again, as a table for the landing."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

import pyarrow as pa

from xianjie.contract.model import Contract
from xianjie.database.columnar import columnar, literal
from xianjie.landing import BatchTable, Delivery, batch_schema
from xianjie.landing.tables import BATCH_ROWS
from xianjie.returns.items import Item, Text


@dataclass(frozen=True)
class Row:
    """One row to deliver: its text, where a person finds it, and ``D`` when it withdraws its record."""

    values: Mapping[str, str | None] = field(repr=False)
    file: str
    line: int
    op: str = "U"

    @classmethod
    def of(cls, text: Text, op: str = "U") -> Row:
        """The row as it was delivered before."""
        return cls(text.values, text.file, text.line, op)

    def content(self, contract: Contract) -> tuple[str | None, ...]:
        """The text of the contract's fields, in its order."""
        return tuple(self.values.get(each.name) or None for each in contract.fields)


@dataclass(frozen=True)
class Landed:
    """Where a row stands in its delivery, and the keyed hashes of its record and content."""

    source_row: int
    op: str
    key: uuid.UUID
    hash: uuid.UUID


def table(contract: Contract, rows: Sequence[Row], name: str) -> BatchTable:
    """The rows as a table whose rows each know their file, line and operation."""
    header = tuple(each.name for each in contract.fields)
    cells = ((*row.content(contract), row.file, str(row.line), row.op) for row in rows)
    return BatchTable(name, header, _batches(cells, len(header) + 3), is_placed=True)


def _batches(cells: Iterable[Sequence[str | None]], width: int) -> Iterator[pa.RecordBatch]:
    source, schema = iter(cells), batch_schema(width)
    while chunk := list(islice(source, BATCH_ROWS)):
        columns = [pa.array(column, pa.string()) for column in zip(*chunk, strict=True)]
        yield pa.RecordBatch.from_arrays(columns, schema=schema)


def landed(delivery: Delivery) -> list[Landed]:
    """The rows of a delivery of ours, in the order they were handed over."""
    with columnar() as duck:
        found = duck.execute(
            f"select _row, _op, _key, _hash from read_parquet({literal(delivery.data_path)}) order by _row"
        ).fetchall()
    return [Landed(*row) for row in found]


def cause(*parts: object) -> str:
    """What a delivery of ours answers, as one digest; holds no value of a row."""
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()


def in_order(items: Iterable[Item]) -> list[Item]:
    """Items in the order of the deliveries they came in; the same on every run."""
    return sorted(items, key=lambda item: (item.delivery_id, item.source_row, item.row_id))

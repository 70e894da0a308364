"""The one DuckDB statement that turns delivered tables into ``data.parquet``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from xianjie.contract.model import Contract
from xianjie.contract.typing_sql import clean
from xianjie.database.columnar import columnar, identifier, literal
from xianjie.landing import hashing
from xianjie.landing.characters import doubtful_in
from xianjie.landing.columns import ColumnMatch, match
from xianjie.landing.errors import SourceFormatError
from xianjie.landing.tables import BatchTable, CsvTable, Table, batch_schema

_WITHDRAWN = ("D", "删除", "作废", "撤销", "1", "true", "Y", "是")
# A row group is buffered for each thread; small ones keep twenty million rows inside the memory limit.
_ROW_GROUP = 100_000
# Columns with more distinct values gain nothing from a dictionary, which by default is given up after 20,000.
_DICTIONARY = 1_000


def write_data(contract: Contract, tables: Sequence[Table], target: Path) -> list[ColumnMatch]:
    """Writes the tables, in order, as the columns of ``data.parquet``; returns how each header matched.

    A CSV file goes through DuckDB's parser; one it does not accept is read again row by row.

    Raises:
        SourceFormatError: no column is of the contract, or the text cannot be read at all.
    """
    parsed = [table for table in tables if isinstance(table, CsvTable)]
    try:
        if all(table.is_regular for table in parsed):
            return _copy(contract, tables, target)
    except duckdb.Error:
        if not parsed:
            raise _unreadable(contract) from None
    careful = [table.row_by_row() if isinstance(table, CsvTable) else table for table in tables]
    try:
        return _copy(contract, careful, target)
    except duckdb.Error:
        raise _unreadable(contract) from None


def _unreadable(contract: Contract) -> SourceFormatError:
    return SourceFormatError(f"{contract.title}: 内容无法按表格读取", reason="unreadable")


def _copy(contract: Contract, tables: Sequence[Table], target: Path) -> list[ColumnMatch]:
    matches = [match(contract, table.header) for table in tables]
    streams = [_Stream(table) for table in tables if isinstance(table, BatchTable)]
    with columnar() as connection:
        connection.execute(hashing.pepper_statement())
        sources = [_source(connection, place, table, streams) for place, table in enumerate(tables)]
        union = "\nunion all\n".join(
            _rows(contract, table, found, source)
            for table, found, source in zip(tables, matches, sources, strict=True)
        )
        held = None if streams else doubtful_in(table.path for table in tables if isinstance(table, CsvTable))
        try:
            connection.execute(
                f"copy ({_final(contract, union, held)}) to {literal(str(target))} "
                f"(format parquet, compression snappy, row_group_size {_ROW_GROUP}, "
                f"dictionary_size_limit {_DICTIONARY})"
            )
        except duckdb.Error:
            _raise_ours(streams)
            raise
    return matches


class _Stream:
    """A table's batches as an Arrow reader that remembers the exception DuckDB would hide in its own."""

    def __init__(self, table: BatchTable) -> None:
        self.table = table
        self.error: Exception | None = None

    def reader(self) -> Any:
        return pa.RecordBatchReader.from_batches(batch_schema(self.table.width), self._batches())

    def _batches(self) -> Iterator[pa.RecordBatch]:
        try:
            yield from self.table.batches
        except Exception as error:
            self.error = error
            raise


def _raise_ours(streams: Sequence[_Stream]) -> None:
    for stream in streams:
        if stream.error is not None:
            raise stream.error from None


def _source(
    connection: duckdb.DuckDBPyConnection, place: int, table: Table, streams: Sequence[_Stream]
) -> str:
    """A FROM item whose columns are ``c0`` … in delivered order."""
    if isinstance(table, BatchTable):
        stream = next(stream for stream in streams if stream.table is table)
        connection.register(f"t{place}", stream.reader())
        return f"t{place}"
    columns = ", ".join(f"'c{n}': 'varchar'" for n in range(len(table.header)))
    return (
        f"read_csv({literal(str(table.path))}, columns = {{{columns}}}, auto_detect = false, header = false, "
        f"skip = {table.skip}, delim = {literal(table.delimiter)}, quote = '\"', escape = '\"', nullstr = '')"
    )


def _rows(contract: Contract, table: Table, found: ColumnMatch, source: str) -> str:
    """One table's rows: line numbers, then only rows that hold anything, with the contract's columns."""
    everything = ", ".join(f"c{place}" for place in range(len(found.header)))
    columns = ", ".join(
        f"{f'c{found.positions[field.name]}' if field.name in found.positions else 'null::varchar'} "
        f"as {identifier(field.name)}"
        for field in contract.fields
    )
    place = f"{literal(table.file)} as _file, _line, {_operation(contract, found)} as _op"
    if isinstance(table, BatchTable) and table.is_placed:
        file, line, op = (f"c{len(found.header) + n}" for n in range(3))
        place = f"{file} as _file, {line}::bigint as _line, {op} as _op"
    return (
        f"select {place}, {columns}, {_extra(found)} as _extra "
        f"from (select *, row_number() over () + {table.first_line - 1} as _line from {source}) "
        f"where coalesce({everything}) is not null"
    )


def _operation(contract: Contract, found: ColumnMatch) -> str:
    if found.withdrawn is None:
        return "'U'"
    marks = contract.source.options.get("withdrawn_values", _WITHDRAWN)
    listed = ", ".join(literal(str(mark).lower()) for mark in marks)
    return f"case when lower({clean(f'c{found.withdrawn}')}) in ({listed}) then 'D' else 'U' end"


def _extra(found: ColumnMatch) -> str:
    """Undeclared columns as JSON, without the empty ones; null when a row has none."""
    places = found.unknown_positions
    if not places:
        return "null::varchar"
    pairs = ", ".join(f"{literal(found.header[place])}: c{place}" for place in places)
    held = f"coalesce({', '.join(f'c{place}' for place in places)})"
    return f"case when {held} is not null then to_json({{{pairs}}})::varchar end"


def _final(contract: Contract, union: str, held: frozenset[str] | None) -> str:
    """Hashes in steps: text of row and key as delivered, trimmed where need be, cleaned where need be."""
    fields = ", ".join(identifier(field.name) for field in contract.fields)
    row, key = hashing.row_columns(contract), hashing.key_columns(contract)
    return f"""
        select
            row_number() over () as _row, _file, _line, _op,
            {hashing.key_sql("_key_text", "_row_text")} as _key, {hashing.hash_sql("_row_text")} as _hash,
            {fields}, _extra
        from (
            select *,
                {hashing.canonical_sql("_row_plain", "_is_odd", "row", row)} as _row_text,
                {hashing.canonical_sql("_key_plain", "_is_odd", contract.id, key)} as _key_text
            from (
                select *, {hashing.odd_sql("_row_plain", "_is_doubtful")} as _is_odd
                from (
                    select *,
                        {hashing.plain_sql("_row_raw", "_is_doubtful", "row", row)} as _row_plain,
                        {hashing.plain_sql("_key_raw", "_is_doubtful", contract.id, key)} as _key_plain
                    from (
                        select *, {hashing.doubtful_sql("_row_raw", held)} as _is_doubtful
                        from (
                            select *,
                                {hashing.raw_sql("row", row)} as _row_raw,
                                {hashing.raw_sql(contract.id, key)} as _key_raw
                            from ({union})
                        )
                    )
                )
            )
        )
    """

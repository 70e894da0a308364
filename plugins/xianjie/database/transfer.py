"""Rows from the columnar engine into PostgreSQL: Arrow batches, in COPY's binary form, no file in between.

Binary COPY takes half of what text does on either side; most of it is saved on UUIDs and on quoting.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import duckdb
from sqlalchemy import Connection, text

from xianjie.database.columnar import identifier
from xianjie.errors import WarehouseError

_ROWS = 20_000
_TYPES = """
select
    attname,
    format_type(atttypid, atttypmod) as type
from pg_attribute
where attrelid = cast(:table as regclass) and attnum > 0
"""


def copy_in(
    duck: duckdb.DuckDBPyConnection,
    query: str,
    connection: Connection,
    table: str,
    columns: Sequence[str],
    *,
    freeze: bool = False,
) -> int:
    """Copies the rows of a DuckDB `query` into `table` (schema-qualified, trusted); returns how many.

    Args:
        columns: the target columns, in the order of the query's; each value is cast to its column's type.
        freeze: the table was created in this very transaction; its rows need no later vacuum.

    Raises:
        WarehouseError: either side failed; neither's message is repeated, it may carry values.
    """
    types = {row.attname: row.type for row in connection.execute(text(_TYPES), {"table": table})}
    names = ", ".join(map(identifier, columns))
    options = "format binary, freeze" if freeze else "format binary"
    sent = ", ".join(f"{_wire(identifier(name), types[name])} as {identifier(name)}" for name in columns)
    cursor = driver_cursor(connection)
    try:
        with cursor.copy(f"copy {table} ({names}) from stdin ({options})") as copy:
            for block in _encoded(duck, f"select {sent} from ({query}) as q ({names})"):
                copy.write(block)
    except Exception as failure:
        raise WarehouseError(
            f"写入 {table} 失败 ({type(failure).__name__})",
            data="本次写入已整体回滚",
            next_command="xianjie night status",
        ) from None
    return int(cursor.rowcount)


def driver_cursor(connection: Connection) -> Any:
    """The psycopg cursor below a SQLAlchemy connection, in the same transaction."""
    driver = connection.connection.driver_connection
    assert driver is not None
    return driver.cursor()


def _wire(value: str, pg_type: str) -> str:
    """A DuckDB value in the form that PostgreSQL receives a type in; the encoder has none for boolean."""
    typed = f"cast({value} as {pg_type})"
    if pg_type != "boolean":
        return typed
    return f"case when {typed} then '\\x01'::blob when not {typed} then '\\x00'::blob end"


def _encoded(duck: duckdb.DuckDBPyConnection, query: str) -> Iterator[bytes]:
    from pgpq import ArrowToPostgresBinaryEncoder

    duck.execute("set session arrow_lossless_conversion = true")  # a UUID is sixteen bytes, not text
    batches = duck.sql(query).to_arrow_reader(_ROWS)
    encoder = ArrowToPostgresBinaryEncoder(batches.schema)
    yield encoder.write_header()
    for batch in batches:
        yield encoder.write_batch(batch)
    yield encoder.finish()

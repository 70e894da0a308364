"""Rows from the columnar engine into PostgreSQL: CSV through a pipe into COPY, no file in between."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from typing import Any

import duckdb
from sqlalchemy import Connection

from xianjie.database.columnar import identifier
from xianjie.errors import WarehouseError

_BLOCK = 1 << 20


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
        columns: the target columns, in the order of the query's.
        freeze: the table was created in this very transaction; its rows need no later vacuum.

    Raises:
        WarehouseError: either side failed; neither's message is repeated, it may carry values.
    """
    reader, writer = os.pipe()
    failures: list[BaseException] = []
    producer = threading.Thread(target=_produce, args=(duck, query, writer, failures), daemon=True)
    names = ", ".join(identifier(name) for name in columns)
    options = "format csv, freeze" if freeze else "format csv"
    cursor = driver_cursor(connection)
    producer.start()
    try:
        with (
            os.fdopen(reader, "rb", buffering=0) as stream,
            cursor.copy(f"copy {table} ({names}) from stdin ({options})") as copy,
        ):
            while block := stream.read(_BLOCK):
                copy.write(block)
            producer.join()
            if failures:
                raise failures[0]
    except Exception as failure:
        raise WarehouseError(
            f"写入 {table} 失败 ({type(failure).__name__})",
            data="本次写入已整体回滚",
            next_command="xianjie night status",
        ) from None
    finally:
        producer.join()
    return int(cursor.rowcount)


def driver_cursor(connection: Connection) -> Any:
    """The psycopg cursor below a SQLAlchemy connection, in the same transaction."""
    driver = connection.connection.driver_connection
    assert driver is not None
    return driver.cursor()


def _produce(duck: duckdb.DuckDBPyConnection, query: str, writer: int, failures: list[BaseException]) -> None:
    try:
        duck.execute(f"copy ({query}) to '/dev/fd/{writer}' (format csv, header false)")
    except duckdb.Error as failure:
        failures.append(failure)
    finally:
        os.close(writer)

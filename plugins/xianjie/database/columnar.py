"""The in-memory DuckDB of one task: stateless, Parquet in and Parquet out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from xianjie.settings import settings


@contextmanager
def columnar() -> Iterator[duckdb.DuckDBPyConnection]:
    """A fresh in-memory DuckDB, bounded by the settings; spills below the work folder."""
    conf = settings()
    spill = conf.work / "spill"
    spill.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(
        ":memory:",
        config={
            "threads": conf.duckdb_threads,
            "memory_limit": conf.duckdb_memory,
            "temp_directory": str(spill),
            "preserve_insertion_order": "true",
            "autoinstall_known_extensions": "false",
        },
    )
    try:
        connection.execute("set timezone = 'Asia/Shanghai'")
        yield connection
    finally:
        connection.close()


def literal(text: str) -> str:
    """A string as a SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'

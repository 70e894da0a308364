"""The in-memory DuckDB of one task: stateless, Parquet in and Parquet out.

A process has one engine, since starting one costs more than most of what a night asks of it; each use gets a
connection and a database of its own, and leaves nothing behind. Uses at the same time share threads and memory.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from itertools import count

import duckdb

from xianjie.settings import settings

_numbers = count(1)


@contextmanager
def columnar() -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty in-memory DuckDB, bounded by the settings; spills below the work folder."""
    conf = settings()
    spill = conf.work / "spill"
    spill.mkdir(parents=True, exist_ok=True)
    engine = _engine(os.getpid(), conf.duckdb_threads, conf.duckdb_memory, str(spill))
    own = f"use_{next(_numbers)}"
    connection = engine.cursor()
    connection.execute(f"attach ':memory:' as {own}")
    try:
        connection.execute(f"use {own}")
        connection.execute("set timezone = 'Asia/Shanghai'")
        yield connection
    finally:
        connection.close()
        with engine.cursor() as other:
            other.execute(f"detach {own}")


@lru_cache(maxsize=2)
def _engine(process: int, threads: int, memory: str, spill: str) -> duckdb.DuckDBPyConnection:
    """The engine of a process (a forked child starts its own) under given settings."""
    return duckdb.connect(
        ":memory:",
        config={
            "threads": threads,
            "memory_limit": memory,
            "temp_directory": spill,
            "preserve_insertion_order": "true",
            "autoinstall_known_extensions": "false",
            "parquet_metadata_cache": "true",  # of files that did not change in the last ten seconds
        },
    )


def literal(text: str) -> str:
    """A string as a SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'

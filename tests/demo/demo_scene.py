"""One small county, three nights, real servers; made once a module."""

from __future__ import annotations

import datetime as dt
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import psycopg
import pytest
from psycopg import sql

from demo import nights
from demo.population import County, build
from demo.state import Servers, servers
from xianjie.database import embedded
from xianjie.settings import REPOSITORY

NIGHTS = tuple(dt.date(2026, 9, day) for day in (21, 22, 23))
PEOPLE = 6000


@pytest.fixture(scope="session")
def county(tmp_path_factory: pytest.TempPathFactory) -> County:
    """A county of 6,000 people."""
    return build(tmp_path_factory.mktemp("county") / "county", PEOPLE)


@dataclass(frozen=True)
class Scene:
    """Three nights that were prepared, by the servers' state."""

    place: Servers
    home: Path

    def truth(self, day: dt.date) -> Path:
        """The folder of a night's truth."""
        return self.place.root / "truth" / day.isoformat()


@pytest.fixture(scope="module")
def scene(postgres: embedded.Server, module_home: Path) -> Iterator[Scene]:
    """The scripted nights, prepared one after the other; housing came late on the second."""
    with psycopg.connect(postgres.dsn(), autocommit=True) as connection:
        connection.execute("drop database if exists demo_civil with (force)")
        connection.execute("drop role if exists civil_affairs_reader")
    url = embedded.create_database(postgres, "demo_civil", "demo_civil", "test-only", create_role=True)
    place = servers(civil_url=url)
    for day in NIGHTS:
        nights.prepare_night(day, PEOPLE)
        for department in nights.late(day):
            nights.deliver_late(day, department)
    yield Scene(place, module_home)
    with psycopg.connect(postgres.dsn(), autocommit=True) as connection:
        connection.execute(
            sql.SQL("drop database if exists {} with (force)").format(sql.Identifier("demo_civil"))
        )
        connection.execute("drop role if exists civil_affairs_reader")


@contextmanager
def serve() -> Iterator[None]:
    """The servers of the settings' home, in a process of their own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "demo", "serve"],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("ready")
    yield
    process.send_signal(signal.SIGTERM)
    assert process.wait(15) == 0


@pytest.fixture(scope="module")
def serving(scene: Scene) -> Iterator[Scene]:
    """The same, with the servers running."""
    with serve():
        yield scene


@pytest.fixture
def ask() -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB to ask the Parquet files."""
    with duckdb.connect() as connection:
        yield connection

"""Two scripted nights of a small demo county through the real Airflow scheduler, once a session."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from demo import calendar
from demo.site import Site, site
from tests.night.killing import Killer
from xianjie.database import embedded
from xianjie.settings import settings

PEOPLE = "3000"
KILLED = (
    ("intake_rural_revitalisation", "check"),
    ("warehouse", "merge"),
    ("monitoring", "watch"),
    ("accountability", "pack"),
)
DAYS = (calendar.FIRST_NIGHT, calendar.SECOND_NIGHT)


@dataclass(frozen=True)
class Nights:
    """What two nights left: their folders, the running PostgreSQL, and what the command printed."""

    place: Site
    server: embedded.Server
    printed: str
    exit_code: int
    killed: tuple[tuple[str, str], ...]

    def truth(self, day: dt.date) -> Path:
        """The folder with a night's truth."""
        return self.place.home / "demo" / "truth" / day.isoformat()


@pytest.fixture(scope="session")
def ran() -> Iterator[Nights]:
    """Runs ``xianjie demo run`` in a home of its own; everything is stopped and removed at the end.

    On the first night tasks are killed while they run, and cleared: what the night comes to must not show it.
    """
    root = Path(tempfile.mkdtemp(prefix="xianjie-nights-", dir="/var/tmp"))
    own = {"XIANJIE_HOME": str(root / "home"), "XIANJIE_OUT_DIR": str(root / "out")}
    inherited = {name: text for name, text in os.environ.items() if not name.startswith("XIANJIE_")}
    killer = Killer(root / "home" / "secrets" / "demo.env", DAYS[0], KILLED)
    killer.start()
    done = subprocess.run(
        [str(Path(sys.executable).parent / "xianjie"), "demo", "run", "--people", PEOPLE],
        env={**inherited, **own},
        text=True,
        capture_output=True,
        check=False,
        timeout=900,
    )
    killer.ended.set()
    before = dict(os.environ)
    os.environ.update(own)
    settings.cache_clear()
    place = site()
    server = embedded.start(place.postgres)
    yield Nights(place, server, done.stdout + done.stderr, done.returncode, tuple(killer.killed))
    embedded.stop(place.postgres)
    os.environ.clear()
    os.environ.update(before)
    settings.cache_clear()
    shutil.rmtree(place.postgres.parent, ignore_errors=True)
    shutil.rmtree(root, ignore_errors=True)


@pytest.fixture
def nights(ran: Nights, monkeypatch: pytest.MonkeyPatch) -> Iterator[Nights]:
    """The two nights, with this process's settings pointing at their warehouse."""
    for line in ran.place.environment_file.read_text(encoding="utf-8").splitlines():
        name, _, text = line.partition("=")
        monkeypatch.setenv(name, text)
    password = (ran.place.home / "secrets" / "postgres_xianjie").read_text(encoding="ascii")
    monkeypatch.setenv("XIANJIE_WAREHOUSE_URL", ran.server.url("warehouse", "xianjie", password))
    settings.cache_clear()
    yield ran
    settings.cache_clear()


def rows(query: str) -> list[tuple[object, ...]]:
    """The rows of a DuckDB query; for the truth's Parquet files."""
    with duckdb.connect() as connection:
        return connection.execute(query).fetchall()

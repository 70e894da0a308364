"""A first load and a 1 % night through the stage functions themselves, beside the floor, in one run.

The floor is what no design avoids: parsing the CSV files and writing them as Parquet (both nights), and, on
the second night, comparing two deliveries by row hash; it is measured before each night and after each of its
steps, since a shared machine changes its pace. Ours does that and lands originals with checksums, sieves,
judges, tokenises, encrypts, merges a bitemporal history, evaluates every rule and every indicator.

Between the nights PostgreSQL vacuums and analyzes what the first load brought, not timed: it has a day for that,
and would otherwise do it while the second night is measured.

Work is spread as Airflow spreads it on two cores: datasets land two at a time, departments are checked two at a
time in processes of their own, what follows is one task after another. Generation of the county is not timed.
What Airflow's executor loads before it forks a task is loaded before the clock starts; its cost is printed.
"""

from __future__ import annotations

import argparse
import datetime as dt
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from rich.console import Console

from bench import checking
from bench.floor import floor
from bench.gauges import Gauges
from bench.growth import growth_line, halve_changes
from bench.report import Night, goals_table, steps_table
from xianjie.contract.catalogue import catalogue
from xianjie.contract.model import Contract, Source
from xianjie.database import embedded, migrate
from xianjie.settings import settings

NIGHTS = (dt.date(2026, 9, 21), dt.date(2026, 9, 22))
console = Console(width=None if sys.stdout.isatty() else 120)


@dataclass(frozen=True)
class Bench:
    """Where a bench runs and what it reads."""

    root: Path
    gauges: Gauges
    checkers: ProcessPoolExecutor

    @contextmanager
    def step(self, night: Night, name: str) -> Iterator[None]:
        """Notes what the block costs as a step of a night, and what the floor costs just after it."""
        begun = self.gauges.now()
        yield
        spent = night.steps[name] = self.gauges.now() - begun
        least = self.least(night)
        console.print(
            f"· {name}: {spent.wall:.1f} s, CPU {spent.cpu:.1f} s; floor then {least:.1f} s", highlight=False
        )

    def least(self, night: Night) -> float:
        """Measures the floor of a night once more; its seconds on the wall."""
        night.floors.append(floor(self.root, night.number, self.gauges))
        os.sync()  # else the next step would share the disk with what was just written
        return sum(spent.wall for spent in night.floors[-1].values())


def main() -> int:
    """Runs the bench and prints its tables."""
    parser = argparse.ArgumentParser(prog="python -m bench.core", description=__doc__)
    parser.add_argument("--people", type=int, default=450_000)
    parser.add_argument("--keep", action="store_true", help="keep the files and the database")
    parser.add_argument(
        "--growth", action="store_true", help="then the same number of changed rows on twice the people"
    )
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    nights = _measure(given.people, keep=given.keep)
    if given.growth:
        larger = _measure(2 * given.people, keep=given.keep, are_changes_halved=True)
        console.print(growth_line(nights[1], larger[1]), highlight=False)
    return 0


def _measure(people: int, *, keep: bool, are_changes_halved: bool = False) -> list[Night]:
    """One run in a folder of its own, and its tables."""
    root = Path(tempfile.mkdtemp(prefix="xianjie-bench-", dir="/var/tmp"))
    root.chmod(0o755)
    try:
        return _run(root, people, are_changes_halved=are_changes_halved)
    finally:
        embedded.stop(root / "postgres")
        if not keep:
            shutil.rmtree(root, ignore_errors=True)


def _run(root: Path, people: int, *, are_changes_halved: bool) -> list[Night]:
    _configure(root)
    for number in (1, 2):
        console.print(f"· writing the CSV files of night {number}, {people:,} people", highlight=False)
        _generate(root, people, number)
    if are_changes_halved:
        halve_changes(root / "csv")
    os.sync()  # else the first step would share the disk with what was just written
    gauges = Gauges(root / "postgres" / "data")
    with _checkers() as checkers, gauges.watching():
        bench = Bench(root, gauges, checkers)
        nights = [_night(bench, 1)]
        _let_a_day_pass(root)
        nights.append(_night(bench, 2))
    console.print(steps_table(people, nights), goals_table(nights))
    console.print(
        f"peak memory: pipeline {gauges.pipeline_peak:.2f} GiB, PostgreSQL {gauges.postgres_peak:.2f} GiB"
    )
    return nights


def _configure(root: Path) -> None:
    server = embedded.start(root / "postgres")
    os.environ.update(
        XIANJIE_HOME=str(root / "home"),
        XIANJIE_COUNTY_CODE="639900",
        XIANJIE_ALLOW_FIXTURE_IDS="1",
        XIANJIE_TOKEN_KEY="11" * 32,
        XIANJIE_VAULT_KEY="22" * 32,
        XIANJIE_WAREHOUSE_URL=embedded.create_database(
            server, "warehouse", "xianjie", "bench", create_role=True
        ),
    )
    settings.cache_clear()
    migrate.upgrade()


def _let_a_day_pass(root: Path) -> None:
    console.print("· vacuuming and analyzing, as autovacuum does in the day between", highlight=False)
    server = embedded.start(root / "postgres")
    with psycopg.connect(server.dsn("warehouse"), autocommit=True) as connection:
        connection.execute("vacuum (analyze)")
    os.sync()


def _generate(root: Path, people: int, night: int) -> None:
    command = [sys.executable, "-m", "demo", "population", "--people", str(people)]
    subprocess.run([*command, "--csv", str(root / "csv"), "--night", str(night)], check=True)


@contextmanager
def _checkers() -> Iterator[ProcessPoolExecutor]:
    """Processes that check departments, warm: Great Expectations and contracts are loaded (`night.executor`)."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(settings().duckdb_threads, mp_context=context) as pool:
        begun = time.perf_counter()
        list(pool.map(checking.warm, range(settings().duckdb_threads)))
        console.print(f"· loaded what tasks find loaded in {time.perf_counter() - begun:.1f} s")
        yield pool


def _night(bench: Bench, number: int) -> Night:
    """One night through every stage; the departments' files are read from a folder."""
    from xianjie import accountability, consistency, monitoring, warehouse

    night, day, county = Night(number), NIGHTS[number - 1], settings().county_code
    bench.least(night)
    with bench.step(night, "land"):
        _land(bench.root / "csv" / f"night{number}", day)
    with bench.step(night, "check"):
        for landed, accepted in bench.checkers.map(checking.check, *zip(*_departments(day), strict=True)):
            night.landed += landed
            night.accepted += accepted
    later: list[tuple[str, Callable[[], object]]] = [
        ("merge", lambda: warehouse.run_night(day, county)),
        ("compare", lambda: consistency.run(day, county)),
        ("rules", lambda: monitoring.run(day, county)),
        ("figures", lambda: accountability.run(day, county)),
    ]
    for name, run in later:
        with bench.step(night, name):
            run()
    return night


def _land(files: Path, day: dt.date) -> None:
    from xianjie import intake

    def pull(contract: Contract) -> None:
        pulled = intake.pull(_from_folder(contract, files), day)
        assert pulled.delivery_id, pulled.reason

    largest = sorted(catalogue().active(), key=lambda each: -(files / f"{each.id}.csv").stat().st_size)
    with ThreadPoolExecutor(settings().duckdb_threads) as tasks:
        list(tasks.map(pull, largest))


def _departments(day: dt.date) -> list[tuple[str, dt.date]]:
    """The departments with the base register's owner, which has most to check, first."""
    names = catalogue().by_department()
    return [(name, day) for name in sorted(names, key=lambda name: name != "rural_revitalisation")]


def _from_folder(contract: Contract, folder: Path) -> Contract:
    source = Source(
        connector="folder", format="csv", options={"path": (folder / f"{contract.id}.csv").as_uri()}
    )
    return contract.model_copy(update={"source": source, "delivery_mode": "full"})


if __name__ == "__main__":
    sys.exit(main())

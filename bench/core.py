"""A first load and a 1 % night through the stage functions themselves, beside the floor, in one run.

The floor is what no design avoids: parsing the CSV files and writing them as Parquet (both nights), and, on
the second night, comparing two deliveries by row hash. Ours does that and lands originals with checksums,
sieves, judges, tokenises, encrypts, merges a bitemporal history, evaluates every rule and every indicator.

Datasets land two at a time, as Airflow runs pulls on two cores; what follows is sequential, as its tasks are.
Generation of the county is not timed. Great Expectations is imported before the clock starts, once, as in a
task that checks a whole department; its cost is printed.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
from rich.console import Console
from rich.table import Table

from xianjie.contract.catalogue import catalogue
from xianjie.contract.model import Contract, Source
from xianjie.database import embedded, migrate
from xianjie.settings import settings

NIGHTS = (dt.date(2026, 9, 21), dt.date(2026, 9, 22))
STEPS = ("land", "check", "merge", "rules", "figures")
console = Console()


@dataclass
class Night:
    """Seconds a step, and rows landed and accepted, of one night."""

    seconds: dict[str, float] = field(default_factory=dict)
    floor: dict[str, float] = field(default_factory=dict)
    landed: int = 0
    accepted: int = 0

    @property
    def ours(self) -> float:
        """All our steps together, in seconds."""
        return sum(self.seconds.values())

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Adds the time of the block to a step."""
        begun = time.perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - begun


def main() -> int:
    """Runs the bench and prints its table."""
    parser = argparse.ArgumentParser(prog="python -m bench.core", description=__doc__)
    parser.add_argument("--people", type=int, default=450_000)
    parser.add_argument("--keep", action="store_true", help="keep the files and the database")
    given = parser.parse_args()
    root = Path(tempfile.mkdtemp(prefix="xianjie-bench-", dir="/var/tmp"))
    root.chmod(0o755)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        return _run(root, given.people)
    finally:
        embedded.stop(root / "postgres")
        if not given.keep:
            shutil.rmtree(root, ignore_errors=True)


def _run(root: Path, people: int) -> int:
    _configure(root)
    for number in (1, 2):
        console.print(f"· writing the CSV files of night {number}, {people:,} people", highlight=False)
        _generate(root, people, number)
    begun = time.perf_counter()
    import great_expectations  # noqa: F401

    console.print(f"· Great Expectations imported in {time.perf_counter() - begun:.1f} s (once a process)")
    nights = [_night(root, number) for number in (1, 2)]
    for number, night in enumerate(nights, start=1):
        night.floor = _floor(root, number)
    console.print(_table(people, nights))
    console.print(f"peak memory of the pipeline's process: {_peak_gib():.2f} GiB; PostgreSQL not counted")
    return 0


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


def _generate(root: Path, people: int, night: int) -> None:
    command = [sys.executable, "-m", "demo", "population", "--people", str(people)]
    subprocess.run([*command, "--csv", str(root / "csv"), "--night", str(night)], check=True)


def _night(root: Path, number: int) -> Night:
    """One night through every stage; the departments' files are read from a folder."""
    from xianjie import accountability, intake, monitoring, validation, warehouse

    night, day, county = Night(), NIGHTS[number - 1], settings().county_code
    files = root / "csv" / f"night{number}"
    with night.step("land"), ThreadPoolExecutor(settings().duckdb_threads) as tasks:
        largest = sorted(catalogue().active(), key=lambda c: -(files / f"{c.id}.csv").stat().st_size)
        pulls = list(tasks.map(lambda c: (c, intake.pull(_from_folder(c, files), day)), largest))
    for contract, pulled in pulls:
        assert pulled.delivery_id, pulled.reason
        with night.step("check"):
            verdict = validation.check(contract, pulled.delivery_id)
        if verdict.decision == "hold":
            validation.decide(pulled.delivery_id, "accept", "bench", "bench")
        night.landed += verdict.ledger.landed if verdict.ledger else 0
        night.accepted += verdict.ledger.accepted if verdict.ledger else 0
    later: list[tuple[str, Callable[[], object]]] = [
        ("merge", lambda: warehouse.run_night(day, county)),
        ("rules", lambda: monitoring.run(day, county)),
        ("figures", lambda: accountability.run(day, county)),
    ]
    for name, run in later:
        with night.step(name):
            run()
    return night


def _from_folder(contract: Contract, folder: Path) -> Contract:
    source = Source(
        connector="folder", format="csv", options={"path": (folder / f"{contract.id}.csv").as_uri()}
    )
    return contract.model_copy(update={"source": source, "delivery_mode": "full"})


def _floor(root: Path, number: int) -> dict[str, float]:
    """Parse and write, and on the second night the comparison by row hash, in plain DuckDB."""
    folder = root / "floor" / f"night{number}"
    folder.mkdir(parents=True)
    found = {"parse + write": 0.0, "hash diff": 0.0}
    with duckdb.connect(config={"threads": settings().duckdb_threads}) as connection:
        for contract in catalogue().active():
            source = root / "csv" / f"night{number}" / f"{contract.id}.csv"
            begun = time.perf_counter()
            connection.execute(
                f"copy (select md5_number(concat_ws('|', *columns(*)))::uuid as _hash, * from "
                f"read_csv('{source}', all_varchar = true, header = true)) "
                f"to '{folder}/{contract.id}.parquet' (format parquet)"
            )
            found["parse + write"] += time.perf_counter() - begun
            if number == 2:
                begun = time.perf_counter()
                before = folder.parent / "night1" / f"{contract.id}.parquet"
                connection.execute(
                    f"select count(*) from (select _hash from '{folder}/{contract.id}.parquet') as n "
                    f"anti join (select _hash from '{before}') as b using (_hash)"
                ).fetchall()
                found["hash diff"] += time.perf_counter() - begun
    return found


def _table(people: int, nights: list[Night]) -> Table:
    table = Table(title=f"{people:,} people, {os.cpu_count()} cores, seconds")
    for heading in ("step", "first load", "1 % night"):
        table.add_column(heading, justify="left" if heading == "step" else "right")
    table.add_row("rows landed", *(f"{night.landed:,}" for night in nights))
    table.add_row("rows accepted", *(f"{night.accepted:,}" for night in nights), end_section=True)
    for name in STEPS:
        table.add_row(name, *(f"{night.seconds[name]:.2f}" for night in nights))
    table.add_row("ours", *(f"{night.ours:.2f}" for night in nights), style="bold", end_section=True)
    for name in ("parse + write", "hash diff"):
        table.add_row(f"floor: {name}", *(f"{night.floor[name]:.2f}" for night in nights))
    table.add_row("ours / floor", *(f"{night.ours / sum(night.floor.values()):.1f} ×" for night in nights))
    return table


def _peak_gib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


if __name__ == "__main__":
    sys.exit(main())

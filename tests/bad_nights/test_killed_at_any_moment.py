"""Killing any task and running it again gives the warehouse of a night that nobody disturbed."""

from __future__ import annotations

import datetime as dt
import os
import random
import signal
import subprocess
import sys
import time
import uuid
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from small_county import FIRST, folder_source, include_with

from demo import bench_files
from demo.population import build
from xianjie.contract.catalogue import catalogue
from xianjie.database import embedded

pytestmark = pytest.mark.timeout(600)

PEOPLE = 900
NIGHTS = (FIRST, FIRST + dt.timedelta(days=1))
SEED = int(os.environ.get("KILL_SEED", "20260922"))
FRAGILE = {  # one task of each kind is killed, the last check always
    NIGHTS[0]: ("pull", "check", "merge", "watch", "pack"),
    NIGHTS[1]: ("check", "merge", "measure"),
}
LAST_PULL = "pull rural_revitalisation.persons"
SCRIPT = Path(__file__).with_name("steps_of_a_night.py")


@dataclass(frozen=True)
class Site:
    """A warehouse and a home of its own; both sites of a test read the same files."""

    dsn: str
    environment: dict[str, str]
    notes: Path

    def start(self, day: dt.date) -> subprocess.Popen[bytes]:
        """Runs what is left of a night."""
        command = [sys.executable, str(SCRIPT), str(self.notes), day.isoformat()]
        with self.notes.with_suffix(".log").open("ab") as log:
            return subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)

    def finish(self, day: dt.date) -> None:
        """Runs the rest of a night undisturbed."""
        assert self.start(day).wait(300) == 0, self.notes.with_suffix(".log").read_text()[-3000:]

    def lines(self) -> list[str]:
        """What was begun and what was done, in order."""
        return self.notes.read_text(encoding="utf-8").splitlines() if self.notes.exists() else []


@pytest.fixture(scope="module")
def sites(postgres: embedded.Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Site]]:
    """Two empty warehouses, and two nights of files."""
    root = tmp_path_factory.mktemp("killed")
    drops = root / "drops"
    sources = {contract.id: folder_source(drops, contract.id, "csv") for contract in catalogue().active()}
    include = include_with(root / "include", sources)
    people = build(root / "people", PEOPLE)
    for number, day in enumerate(NIGHTS, start=1):
        (drops / f"{day:%Y%m%d}").mkdir(parents=True)
        for path in bench_files.write(root / "csv", people, number).values():
            path.rename(drops / f"{day:%Y%m%d}" / path.name)
    names = [f"t_{uuid.uuid4().hex[:12]}" for _ in range(2)]
    with psycopg.connect(postgres.dsn(), autocommit=True) as admin:
        for name in names:
            copied = sql.SQL("create database {} template xianjie_template owner xianjie")
            admin.execute(copied.format(sql.Identifier(name)))
    calm, killed = (_site(postgres, root, include, name) for name in names)
    yield calm, killed
    with psycopg.connect(postgres.dsn(), autocommit=True) as admin:
        for name in names:
            admin.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def _site(postgres: embedded.Server, root: Path, include: Path, name: str) -> Site:
    own = {
        "XIANJIE_HOME": str(root / name),
        "XIANJIE_OUT_DIR": str(root / name / "out"),
        "XIANJIE_INCLUDE_DIR": str(include),
        "XIANJIE_COUNTY_CODE": "639900",
        "XIANJIE_ALLOW_FIXTURE_IDS": "1",
        "XIANJIE_TOKEN_KEY": "11" * 32,
        "XIANJIE_VAULT_KEY": "22" * 32,
        "XIANJIE_WAREHOUSE_URL": postgres.url(name, "xianjie", "test-only"),
        "AIRFLOW_HOME": str(root / name / "airflow"),
    }
    return Site(postgres.dsn(name), {**os.environ, **own}, root / f"{name}.notes")


def durations(site: Site, day: dt.date) -> dict[str, list[tuple[str, float]]]:
    """Runs a night and says how long each task took, by the kind of the task."""
    found: dict[str, list[tuple[str, float]]] = defaultdict(list)
    running, seen, begun = site.start(day), len(site.lines()), time.monotonic()
    while running.poll() is None:
        for line in site.lines()[seen:]:
            seen, what, name = seen + 1, line.split()[0], line.split(" ", 2)[2]
            if what == "done":
                found[name.split()[0]].append((name, time.monotonic() - begun))
            begun = time.monotonic()
        time.sleep(0.005)
    assert running.returncode == 0, site.notes.with_suffix(".log").read_text()[-3000:]
    return found


def kill_in(site: Site, day: dt.date, task: str, after: float) -> bool:
    """Runs the night until a task has gone on for some seconds, and kills it; False when it was faster."""
    running = site.start(day)
    while f"begun {day} {task}" not in site.lines() and running.poll() is None:
        time.sleep(0.002)
    time.sleep(after)
    running.send_signal(signal.SIGKILL)
    running.wait(30)
    return f"done {day} {task}" not in site.lines()


def contents(site: Site) -> dict[str, list[tuple[object, ...]]]:
    """What the warehouse says, less what names a moment or a delivery."""
    queries = {
        "persons": "select p::text from core.person as p order by person_id",
        "memberships": (
            "select (to_jsonb(m) - 'known_from' - 'known_to')::text from core.membership as m "
            "where known_to = 'infinity' order by 1"
        ),
        "superseded memberships": "select count(*) from core.membership where known_to < 'infinity'",
        "households": "select h::text from core.household as h order by household_id",
        "hits": (
            "select (to_jsonb(h) - 'hit_id' - 'row_hash' - 'delivery_id')::text from monitoring.hit as h "
            "order by 1"
        ),
        "leads": (
            "select rule_id, household_id, state, severity, hit_count, first_seen::text, due_on::text "
            "from monitoring.lead order by 1, 2"
        ),
        "ledger": (  # a pull that was repeated has two deliveries; the second brings nothing new
            "select department, dataset, business_date::text, sum(accepted), sum(quarantined), sum(absent), "
            "sum(withdrawn), sum(merged) from ops.ledger group by 1, 2, 3 order by 1, 2, 3"
        ),
        "conclusions": (
            "select business_date::text, department, dataset, outcome, error_code, reason, is_late "
            "from ops.conclusion order by 1, 2, 3"
        ),
        "returned": (
            "select department, dataset, record_key::text, row_hash::text, copies, state, opened_on::text, "
            "closed_on::text from quality.quarantined_row order by 1, 2, 3, 4"
        ),
        "figures": (
            "select v.business_date::text, indicator, division_code, numerator, denominator, value, light "
            "from accountability.value as v inner join accountability.publication as p "
            "using (county_code, business_date, revision) where p.is_current order by 1, 2, 3"
        ),
        "secrets": "select count(*), count(distinct person_id) from vault.person_secret",
    }
    for contract in catalogue().active():
        drop = "- 'delivery_id' - 'change_id'"
        queries[f"facts {contract.id}"] = (
            f"select (to_jsonb(f) {drop})::text from facts.{contract.table} as f order by record_key"
        )
        queries[f"history {contract.id}"] = (
            "select record_key::text, row_hash::text, valid_from::text, valid_to::text "
            f"from history.{contract.table} where known_to = 'infinity' order by 1, 3"
        )
        queries[f"changes {contract.id}"] = (
            f"select record_key::text, business_date::text, op, row_hash::text from changes.{contract.table} "
            "order by 1, 2, 3, 4"
        )
    with psycopg.connect(site.dsn) as connection:
        return {name: connection.execute(query).fetchall() for name, query in queries.items()}


def differences(calm: Site, killed: Site) -> dict[str, tuple[int, int, list[object], list[object]]]:
    """Where two warehouses differ: how many rows each has, and the first that the other has not."""
    expected, found = contents(calm), contents(killed)
    return {
        name: (
            len(rows),
            len(found[name]),
            [row for row in rows if row not in found[name]][:2],
            [row for row in found[name] if row not in rows][:2],
        )
        for name, rows in expected.items()
        if rows != found[name]
    }


def forget(site: Site, day: dt.date, task: str) -> None:
    """Makes a task look as if it was killed between its commit and the scheduler's hearing of it."""
    lines = [line for line in site.lines() if line != f"done {day} {task}"]
    site.notes.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def disturbed(
    site: Site, day: dt.date, took: dict[str, list[tuple[str, float]]], dice: random.Random
) -> list[str]:
    """Runs a night with kills; says where they were, and whether the task was really cut short."""
    road = ("pull", "check", "merge", "watch", "measure", "pack")
    chosen = [took[kind][-1] if kind == "check" else dice.choice(took[kind]) for kind in FRAGILE[day]]
    kills = []
    for task, seconds in sorted(chosen, key=lambda each: road.index(each[0].split()[0])):
        after = dice.uniform(0, 0.8 * seconds)
        is_cut = kill_in(site, day, task, after)
        kills.append(f"{task} after {after:.3f} s: {'cut short' if is_cut else 'was done'}")
        if task.startswith("check"):
            forget(site, day, LAST_PULL)
    forget(site, day, "merge")
    site.finish(day)
    return kills


def test_killed_tasks_run_again_give_the_undisturbed_warehouse(sites: tuple[Site, Site]) -> None:
    calm, killed = sites
    dice, kills = random.Random(SEED), []
    for day in NIGHTS:
        kills += disturbed(killed, day, durations(calm, day), dice)
        found = differences(calm, killed)
        assert not found, f"seed {SEED}, killed in {kills}: {found}"
    assert sum(kill.endswith("cut short") for kill in kills) >= 3, kills
    assert len(contents(calm)["hits"]) > 0

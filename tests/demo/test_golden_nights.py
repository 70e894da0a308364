"""Three nights through every stage up to the rules, each step as its task calls it, against the truth."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import psycopg
import pytest
from demo_scene import NIGHTS, PEOPLE, serve
from sqlalchemy import text

from demo import nights
from demo.links import connections
from demo.state import Servers, servers
from xianjie.contract.catalogue import catalogue
from xianjie.contract.model import Contract
from xianjie.database import embedded
from xianjie.database.engine import transaction
from xianjie.night import steps, watermarks
from xianjie.settings import settings

CHECKS = ("C-02-011", "C-02-012", "X-07", "X-08")
Hits = Counter[tuple[str, str]]
pytestmark = pytest.mark.timeout(1200)  # three nights through every stage, in one fixture


@dataclass
class County:
    """The nights as they go: the servers, and the watermarks that the asset store would keep."""

    place: Servers
    marks: dict[str, dict[str, str]]
    found: dict[tuple[dt.date, str], Hits]
    findings: dict[dt.date, Hits]
    ledgers: dict[dt.date, dict[str, dict[str, int]]]
    outcomes: dict[tuple[dt.date, str], str]

    def truth(self, day: dt.date) -> Path:
        """The folder of a night's truth."""
        return self.place.root / "truth" / day.isoformat()


@pytest.fixture(scope="module")
def nights_done(postgres: embedded.Server, module_home: Path, warehouse_url: str) -> Iterator[County]:
    with psycopg.connect(postgres.dsn(), autocommit=True) as connection:
        connection.execute("drop database if exists golden_civil with (force)")
        connection.execute("drop role if exists civil_affairs_reader")
    url = embedded.create_database(postgres, "golden_civil", "golden_civil", "test-only", create_role=True)
    county = County(servers(civil_url=url), {}, {}, {}, {}, {})
    with serve(), pytest.MonkeyPatch.context() as patch:
        for name, value in connections(county.place).items():
            patch.setenv(name, value)
        for day in NIGHTS:
            coming = nights.prepare_night(day, PEOPLE)
            _night(county, day, list(catalogue().by_department()), "hits")
            assert set(nights.late(day)).isdisjoint(coming)
            for department in nights.late(day):
                nights.deliver_late(day, department)
                _night(county, day, [department], "hits_after_late")
        yield county
    with psycopg.connect(postgres.dsn(), autocommit=True) as connection:
        connection.execute("drop database if exists golden_civil with (force)")
        connection.execute("drop role if exists civil_affairs_reader")


def _night(county: County, day: dt.date, departments: list[str], name: str) -> None:
    for department in departments:
        for contract in catalogue().by_department()[department]:
            _pull(county, contract, day)
        steps.check(department, day)
        done = steps.conclude(department, day)
        for contract_id, outcome in done["outcomes"].items():
            county.outcomes[day, contract_id] = outcome
        for contract_id in done["accepted"]:
            if mark := county.marks.get(contract_id, {}).pop("pulled", None):
                county.marks[contract_id] = watermarks.moved(county.marks[contract_id], day, mark)
    steps.merge(day)
    steps.reconcile(day)
    steps.require_sound(steps.compare(day), steps.watch(day))
    county.found[day, name] = _hits(day)
    county.findings[day] = _findings(day)
    county.ledgers[day] = _ledger(day)


def _pull(county: County, contract: Contract, day: dt.date) -> None:
    marks = county.marks.setdefault(contract.id, {})
    kept = {date: mark for date, mark in marks.items() if date != "pulled"}
    pulled = steps.pull(contract.id, day, watermarks.before(kept, day))
    if pulled["watermark"]:
        marks["pulled"] = pulled["watermark"]


def _hits(day: dt.date) -> Hits:
    statement = text(
        "select rule_id, household_id, person_id from monitoring.hit "
        "where county_code = :county and valid_from <= :day and valid_to > :day"
    )
    with transaction() as connection:
        rows = connection.execute(statement, {"county": settings().county_code, "day": day}).all()
    return Counter((row.rule_id, _home(row.household_id)) for row in rows)


def _findings(day: dt.date) -> Hits:
    statement = text(
        "select check_id, household_id from consistency.findings(:county, :day) "
        "where is_open and check_id = any(:checks)"
    )
    values = {"county": settings().county_code, "day": day, "checks": list(CHECKS)}
    with transaction() as connection:
        rows = connection.execute(statement, values).all()
    return Counter((row.check_id, _home(row.household_id)) for row in rows)


def _ledger(day: dt.date) -> dict[str, dict[str, int]]:
    from xianjie import validation

    rows = validation.ledger(day, settings().county_code)
    return {f"{row.department}.{row.dataset}": vars(row) | {} for row in rows}


def _home(household: str) -> str:
    """Households that the register does not know have ids of the warehouse's own."""
    return household if household.isdigit() else "provisional"


def _expected(county: County, day: dt.date, name: str) -> Hits:
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"select rule_id, coalesce(household_no, 'provisional') from '{county.truth(day)}/{name}.parquet'"
        ).fetchall()
    return Counter((rule, home) for rule, home in rows)


@pytest.mark.parametrize(
    ("day", "name"),
    [(NIGHTS[0], "hits"), (NIGHTS[1], "hits"), (NIGHTS[1], "hits_after_late"), (NIGHTS[2], "hits")],
    ids=["first", "second", "second after housing came", "third"],
)
def test_the_rules_hit_whom_the_truth_names(nights_done: County, day: dt.date, name: str) -> None:
    found, expected = nights_done.found[day, name], _expected(nights_done, day, name)
    assert expected
    assert {"missed": expected - found, "invented": found - expected} == {"missed": {}, "invented": {}}


@pytest.mark.parametrize("day", NIGHTS, ids=str)
def test_the_checks_find_whom_the_truth_names(nights_done: County, day: dt.date) -> None:
    with duckdb.connect() as connection:
        told = connection.execute(
            "select check_id, coalesce(household_no, 'provisional') "
            f"from '{nights_done.truth(day)}/findings.parquet'"
        ).fetchall()
    found, expected = nights_done.findings[day], Counter((check, home) for check, home in told)
    assert {check for check, _ in expected} >= {"C-02-011", "X-07", "X-08"}
    assert {"missed": expected - found, "invented": found - expected} == {"missed": {}, "invented": {}}


@pytest.mark.parametrize("day", NIGHTS, ids=str)
def test_the_ledger_counts_what_the_truth_counts(nights_done: County, day: dt.date) -> None:
    counts = json.loads((nights_done.truth(day) / "counts.json").read_text(encoding="utf-8"))
    for dataset, wanted in counts.items():
        outcome = wanted.pop("outcome")
        expected = (outcome, wanted.pop("after_late", outcome), "empty")
        assert nights_done.outcomes[day, dataset] in expected, dataset
        if "accepted" not in wanted or dataset not in nights_done.ledgers[day]:
            continue
        found = nights_done.ledgers[day][dataset]
        assert {name: found[name] for name, count in wanted.items() if count is not None} == {
            name: count for name, count in wanted.items() if count is not None
        }, dataset


def test_what_was_accepted_with_a_scripted_fault_is_told(nights_done: County) -> None:
    """No other row of the demo county breaks these rules by itself, so counts must agree."""
    day = NIGHTS[0]
    with duckdb.connect() as connection:
        truth = f"'{nights_done.truth(day)}/warned.parquet'"
        expected = dict(connection.execute(f"select rule_id, count(*) from {truth} group by all").fetchall())
    statement = text(
        "select f.rule_id, count(*) as told from quality.warned_row as w"
        " inner join quality.finding as f using (county_code, row_id)"
        " where w.county_code = :county and w.opened_on = :day and f.rule_id = any(:rules) group by f.rule_id"
    )
    with transaction() as connection:
        found = connection.execute(
            statement, {"county": settings().county_code, "day": day, "rules": list(expected)}
        ).all()
    assert len(expected) >= 3
    assert {row.rule_id: row.told for row in found} == expected

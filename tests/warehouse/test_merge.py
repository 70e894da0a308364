"""Merging: what is taken in, what is not, and what a second run or a kill leaves behind."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text
from warehouse_helpers import (
    DAYS,
    HOUSEHOLDS,
    PERSONS,
    POSTS,
    household,
    land,
    night,
    person,
    post,
    query,
    take,
    trust,
)

from xianjie import identity, warehouse
from xianjie.contract.catalogue import catalogue
from xianjie.database.engine import transaction

_counties = (f"6399{n:02d}" for n in itertools.count(10))

# What a warehouse holds, without the moments it learnt it and the names of the deliveries it came from.
CONTENTS = {
    "log": "select record_key, change_id, business_date, op, row_hash, source_row from changes.{t}"
    " where county_code = :c",
    "history": "select record_key, change_id, valid_from::text, valid_to::text from history.{t}"
    " where county_code = :c and known_to = 'infinity'",
    "closed": "select count(*) from history.{t} where county_code = :c and known_to < 'infinity'",
}
SHARED = {
    "membership": "select person_id, household_id, basis, valid_from::text, valid_to::text"
    " from core.membership where county_code = :c and known_to = 'infinity'",
    "household": "select household_id, basis, village_code from core.household where county_code = :c",
    "affected": "select business_date, household_id from core.affected_household where county_code = :c",
    "base": "select dataset, business_date, cardinality(delivery_ids) from ops.diff_base"
    " where county_code = :c",
    "ledger": "select dataset, business_date, landed, accepted, merged from ops.ledger"
    " where county_code = :c",
    "persons": "select person_id, name_masked from core.person where county_code = :c",
}


@pytest.fixture
def county(warehouse_url: str) -> str:
    """A county of its own, in the module's database."""
    return next(_counties)


def contents(county: str) -> dict[str, list[object]]:
    tables = [catalogue().get(each).table for each in (PERSONS, HOUSEHOLDS, POSTS)]
    statements = {f"{name} {t}": sql.format(t=t) for name, sql in CONTENTS.items() for t in tables} | SHARED
    return {name: sorted(map(repr, query(sql, c=county))) for name, sql in statements.items()}


FIRST = {
    "rural_revitalisation__persons": [person(n, f"H{n // 3}") for n in range(12)],
    "rural_revitalisation__households": [household(f"H{n}") for n in range(4)],
    "employment__public_posts": [post(n) for n in range(0, 12, 2)],
}
SECOND = {
    "rural_revitalisation__persons": [person(n, f"H{n // 3 if n != 4 else 0}") for n in range(1, 13)],
    "rural_revitalisation__households": [household(f"H{n}", hh_type="formerly_poor") for n in range(1, 5)],
    "employment__public_posts": [post(n, name=f"改名{n}" if n == 6 else f"杨秀{n}") for n in range(2, 14, 2)],
}


def test_a_second_run_of_a_merge_changes_nothing(county: str) -> None:
    deliveries = night(DAYS[0], county=county, **FIRST)
    before = contents(county)
    for delivery in deliveries:
        contract = catalogue().get(f"{delivery.department}.{delivery.dataset}")
        again = warehouse.merge(contract, delivery, identity.link(contract, delivery))
        assert again.is_repeated
    warehouse.settle(county)
    assert contents(county) == before


def test_what_nobody_accepted_is_not_merged_and_ends_nothing(county: str) -> None:
    night(DAYS[0], county=county, **FIRST)
    before = contents(county)
    contract = catalogue().get(POSTS)
    delivery = land(contract, [post(2)], DAYS[1], county=county)
    trust(contract, delivery)
    with transaction() as connection:
        connection.execute(
            text("update ops.delivery set verdict = 'hold' where delivery_id = :id"),
            {"id": delivery.delivery_id},
        )
    with pytest.raises(warehouse.NotAcceptedError):
        warehouse.merge(contract, delivery, identity.link(contract, delivery))
    after = contents(county)
    assert {name: rows for name, rows in after.items() if name != "ledger"} == {
        name: rows for name, rows in before.items() if name != "ledger"
    }


def test_absent_records_end_and_changed_ones_turn(county: str) -> None:
    night(DAYS[0], county=county, **FIRST)
    [delivery] = night(DAYS[1], county=county, employment__public_posts=SECOND["employment__public_posts"])
    held = query(
        "select post_no, name_masked from facts.employment_public_posts where county_code = :c", c=county
    )
    assert sorted(held) == sorted(
        (f"G{n:05d}", "改**" if n == 6 else "杨*" + "*" * len(str(n))) for n in range(2, 14, 2)
    )
    row = query("select absent, merged from ops.ledger where delivery_id = :id", id=delivery.delivery_id)
    assert row == [(0, 2)]
    ops = query(
        "select op, count(*) from changes.employment_public_posts"
        " where county_code = :c and business_date = :d group by 1",
        c=county, d=DAYS[1],
    )  # fmt: skip
    assert sorted(ops) == [("A", 1), ("U", 2)]


def test_change_numbers_and_recording_times_rise_with_every_merge(county: str) -> None:
    for day, rows in enumerate([FIRST, SECOND, FIRST]):
        night(DAYS[day], county=county, **rows)
    found = query(
        "select recorded_at, min(change_id), max(change_id) from changes.employment_public_posts"
        " where county_code = :c group by recorded_at order by recorded_at",
        c=county,
    )
    assert len(found) == 3
    assert all(last < first for (_, _, last), (_, first, _) in itertools.pairwise(found))


def test_a_fact_leads_to_its_delivery_and_source_row(county: str) -> None:
    deliveries = night(DAYS[0], county=county, **FIRST)
    found = query(
        "select post_no, delivery_id, source_row from facts.employment_public_posts"
        " where county_code = :c order by 3",
        c=county,
    )
    assert found == [(f"G{2 * n:05d}", deliveries[2].delivery_id, n + 1) for n in range(6)]


_KILLED = """
import os, signal, sys
sys.path.insert(0, {helpers!r})
from sqlalchemy import event
from sqlalchemy.engine import Engine
from warehouse_helpers import DAYS
from xianjie import warehouse
left = [int(sys.argv[2])]
@event.listens_for(Engine, "before_cursor_execute")
def count(*args):
    left[0] -= 1
    if left[0] == 0:
        os.kill(os.getpid(), signal.SIGKILL)
warehouse.run_night(DAYS[1], sys.argv[1])
print(left[0])
"""


def test_a_night_killed_between_any_two_statements_is_made_up_for_by_the_next_run(warehouse_url: str) -> None:
    def prepared() -> str:
        county = next(_counties)
        night(DAYS[0], county=county, **FIRST)
        for name, rows in SECOND.items():
            contract = catalogue().get(name.replace("__", "."))
            trust(contract, land(contract, rows, DAYS[1], county=county))
        return county

    def run(county: str, kill_at: int) -> subprocess.CompletedProcess[str]:
        script = _KILLED.format(helpers=str(Path(__file__).parent))
        return subprocess.run(
            [sys.executable, "-c", script, county, str(kill_at)], capture_output=True, text=True, check=False,
            env=os.environ | {"XIANJIE_WAREHOUSE_URL": warehouse_url},
        )  # fmt: skip

    whole = prepared()
    done = run(whole, 1_000_000)
    assert done.returncode == 0, done.stderr
    statements = 1_000_000 - int(done.stdout)
    expected = contents(whole)
    for kill_at in range(40, statements, max(1, statements // 7)):
        county = prepared()
        assert run(county, kill_at).returncode == -signal.SIGKILL
        assert warehouse.run_night(DAYS[1], county).business_date == DAYS[1]
        assert contents(county) == expected, kill_at
        assert warehouse.run_night(DAYS[1], county).merged == 0
        assert contents(county) == expected


def test_take_reports_what_it_did(county: str) -> None:
    night(DAYS[0], county=county, **FIRST)
    contract = catalogue().get(POSTS)
    done = take(land(contract, [post(2)], DAYS[1], county=county), by=trust)
    assert (done.merged, done.absent, done.is_repeated) == (0, 5, False)

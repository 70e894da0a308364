"""Three nights with clerks in between: what they fixed, left and got wrong is what the books say."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import duckdb
import psycopg
import pytest
from demo_scene import NIGHTS, serve
from sqlalchemy import text

from demo import morning, nights
from demo.chronicle import night_folder
from demo.clerk import Done
from demo.links import connections
from demo.state import Servers, servers
from xianjie import returns, validation
from xianjie.contract.catalogue import catalogue
from xianjie.contract.typing_text import as_compared
from xianjie.database import embedded
from xianjie.database.engine import Role, transaction
from xianjie.night import inline, steps
from xianjie.reports.reading.returned import delivered
from xianjie.returns import files, folder_channel
from xianjie.settings import settings
from xianjie.validation.ageing import age_bands, department_rates

PEOPLE = 6000
pytestmark = pytest.mark.timeout(1200)  # three nights through every stage and their mornings, in one fixture


@dataclass
class County:
    """What happened: what each clerk did by night, what a round of the inbox came to, the steps that failed."""

    place: Servers
    done: dict[dt.date, dict[str, list[Done]]] = field(default_factory=dict)
    taken: dict[dt.date, returns.TakenIn] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)

    def rows(self, day: dt.date) -> list[Done]:
        """What all clerks did with the workbooks of a night."""
        return [each for done in self.done[day].values() for each in done]


@pytest.fixture(scope="module")
def county(postgres: embedded.Server, module_home: Path, warehouse_url: str) -> Iterator[County]:
    _drop(postgres)
    try:
        yield from _nights(postgres)
    finally:
        _drop(postgres)


def _nights(postgres: embedded.Server) -> Iterator[County]:
    url = embedded.create_database(postgres, "clerk_civil", "clerk_civil", "test-only", create_role=True)
    here = County(servers(civil_url=url))
    with serve(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(folder_channel, "_SETTLED_SECONDS", 0.0)
        for name, value in connections(here.place).items():
            patch.setenv(name, value)
        for day in NIGHTS:
            nights.prepare_night(day, PEOPLE)
            _night(here, day, list(catalogue().by_department()))
            for department in nights.late(day):
                nights.deliver_late(day, department)
                _night(here, day, [department])
            here.done[day] = morning.answer_all(day)
            next_day = day + dt.timedelta(days=1)
            assert set(steps.collect_returns().values()) <= {"ok", len(here.done[day])}
            here.taken[day] = returns.take_in(next_day, settings().county_code)
        yield here


def _drop(postgres: embedded.Server) -> None:
    with psycopg.connect(postgres.dsn(), autocommit=True) as connection:
        connection.execute("drop database if exists clerk_civil with (force)")
        connection.execute("drop role if exists civil_affairs_reader")


def _night(here: County, day: dt.date, departments: list[str]) -> None:
    here.failed += [f"{day} {each['step']}: {each['error']}" for each in inline.run(day, departments) if each["error"]]


def ask(query: str, **values: object) -> list[tuple[object, ...]]:
    with transaction(Role.READER) as connection:
        return [tuple(row) for row in connection.execute(text(query), values)]


def test_every_step_of_every_night_went_through(county: County):
    assert county.failed == []


def test_clerks_had_something_to_do_and_every_office_sent_one_file(county: County):
    for day in NIGHTS:
        assert len(county.rows(day)) > 20
        assert county.taken[day].files == {"taken": len(county.done[day])}
    assert {each.act for day in NIGHTS for each in county.rows(day)} == {"fixed", "broken", "left", "struck"}


@pytest.mark.parametrize("day", NIGHTS, ids=str)
def test_clerks_fix_eight_rows_in_ten_break_one_again_and_leave_one(county: County, day: dt.date):
    for rows in county.done[day].values():
        acts = Counter("fixed" if each.act == "struck" else each.act for each in rows)
        for act, share in {"fixed": 0.8, "broken": 0.1, "left": 0.1}.items():
            assert acts[act] == pytest.approx(share * len(rows), abs=1)


@pytest.mark.parametrize("day", NIGHTS, ids=str)
def test_what_was_fixed_is_what_the_office_really_knows(county: County, day: dt.date):
    """No row was mended with another one's values: the demo's clean county holds every one of them."""
    fixed = [each for each in county.rows(day) if each.act == "fixed"]
    corrections = ask(
        "select row_id::text, department || '.' || dataset, delivery_id, source_row, fields from quality.correction"
        " where business_date = :day and decision = 'correct'",
        day=day + dt.timedelta(days=1),
    )
    by_row = {row_id: rest for row_id, *rest in corrections}
    assert {each.row_id for each in fixed} <= by_row.keys()
    for each in fixed:
        contract_id, delivery_id, source_row, fields = by_row[each.row_id]
        contract = catalogue().get(str(contract_id))
        names = list(dict.fromkeys((*contract.key, *filter(None, (contract.subject,)), *fields)))
        ((_, values),) = delivered(contract, str(delivery_id), [int(str(source_row))])
        row = dict(zip([field.name for field in contract.fields], values, strict=True))
        assert _as_compared(row[name] for name in names) in _clean(contract.id, day, tuple(names)), each


@lru_cache(maxsize=256)
def _clean(contract_id: str, day: dt.date, names: tuple[str, ...]) -> set[tuple[str, ...]]:
    path = night_folder(nights.county(), day) / "clean" / f"{contract_id}.parquet"
    with duckdb.connect() as connection:
        rows = connection.execute(f"select {', '.join(names)} from '{path}' where not _deleted").fetchall()
    return {_as_compared(row) for row in rows}


def _as_compared(values: Iterable[object]) -> tuple[str, ...]:
    return tuple(map(as_compared, values))


@pytest.mark.parametrize("day", NIGHTS, ids=str)
def test_what_was_fixed_is_merged_and_what_was_not_comes_back(county: County, day: dt.date):
    acts = Counter(each.act for each in county.rows(day))
    found = county.taken[day].rows
    assert found["accepted"] == acts["fixed"]
    # What cannot even be read, such as a word that is in no list, is a remark about the cell.
    assert found["still_wrong"] + found["remarks"] == acts["broken"]
    assert found["void"] == acts["struck"]
    assert found["unanswered"] == acts["left"]


@pytest.mark.parametrize("day", NIGHTS, ids=str)
def test_each_row_has_the_state_its_clerk_earned(county: County, day: dt.date):
    states = dict(ask("select row_id::text, state from quality.item"))
    wanted = {"fixed": {"accepted"}, "struck": {"void"}}
    for each in county.rows(day):
        if each.act in wanted:
            assert states[each.row_id] in wanted[each.act], each


def test_fix_rates_and_ages_are_those_of_the_clerks(county: County):
    last = NIGHTS[-1] + dt.timedelta(days=1)
    done = Counter(
        (department, each.act) for day in NIGHTS for department, rows in county.done[day].items() for each in rows
    )
    with transaction(Role.READER) as connection:
        rates = {each.department: each for each in department_rates(connection, settings().county_code, last)}
        bands = age_bands(connection, settings().county_code, last)
    assert set(county.done[NIGHTS[0]]) <= rates.keys()
    waiting = dict(ask("select department, count(*) from quality.item where kind = 'quarantined' and closed_on is null"
                       " group by department"))  # fmt: skip
    struck = dict(ask("select department, sum(void)::int from quality.return_rates where rule_id is null"
                      " group by department"))  # fmt: skip
    for department, found in rates.items():
        fixed = done[department, "fixed"]
        assert (found.fixed, struck[department]) == (fixed, done[department, "struck"])
        assert found.fix_rate_pct == pytest.approx(100 * fixed / found.returned)
        assert found.open == waiting.get(department, 0)
        assert sum(each.items for each in bands if each.department == department) == found.open
        # Whoever was left every morning has waited since the first night.
        assert (found.oldest_open_days or 0) <= (last - NIGHTS[0]).days


def test_rows_in_are_rows_accounted_for(county: County):
    for day in [*NIGHTS, NIGHTS[-1] + dt.timedelta(days=1)]:
        validation.ledger(day, settings().county_code)
    unbalanced = ask("select delivery_id from ops.ledger where landed <> unchanged + accepted + quarantined")
    assert unbalanced == []
    differing = ask("select count(*) from ops.reconciliation where missing_keys + extra_keys + differing_keys > 0")
    assert differing == [(0,)]


def test_no_cause_has_two_open_items(county: County):
    twice = ask(
        "select record_key, row_hash from quality.item where closed_on is null"
        " group by kind, county_code, department, dataset, record_key, row_hash having count(*) > 1"
    )
    assert twice == []


def test_the_old_error_of_a_full_delivery_comes_back_as_recurring_and_changes_nothing(county: County):
    """The clerk corrects the row, not her own system: the next full delivery brings the old text again."""
    recurring = ask("select distinct department || '.' || dataset from quality.item where is_recurring")
    assert recurring
    rules = ask("select count(*) from quality.finding where rule_id like '%.row.recurring'")
    assert rules[0][0] > 0


def test_every_office_has_its_answer_where_it_fetches_it(county: County):
    found = files.latest(settings().county_code, 100)
    assert {file.state for file in found} == {"taken"}
    assert all(file.answered_at and file.put_away_at and file.answer.exists() for file in found)
    exchange = county.place.drop_box("returns")
    for department in ("housing", "employment", "rural_revitalisation"):
        outgoing = [path.name for path in (exchange / department / "下发").iterdir()]
        assert sum(name.startswith("回执_") for name in outgoing) == len(NIGHTS)
        assert sum(name.startswith("退回数据_") for name in outgoing) == len(NIGHTS)
        assert not [path for path in (exchange / department / "上交").iterdir() if path.is_file()]


def test_the_same_round_again_does_nothing(county: County):
    before = ask("select count(*) from ops.delivery")
    done = returns.take_in(NIGHTS[-1] + dt.timedelta(days=1), settings().county_code)
    assert not done.files
    assert ask("select count(*) from ops.delivery") == before


def test_the_clerks_record_is_kept_beside_the_truth(county: County):
    kept = json.loads((county.place.root / "truth" / str(NIGHTS[0]) / "clerks.json").read_text(encoding="utf-8"))
    assert sum(map(len, kept.values())) == len(county.rows(NIGHTS[0]))

"""The checks of one night, and of the nights after it when it is run again late."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Sequence
from dataclasses import replace

from xianjie.consistency import evaluate, findings, runs
from xianjie.consistency.checks import Check, checks
from xianjie.consistency.evaluate import Question
from xianjie.consistency.runs import CheckResult, Summary
from xianjie.database.engine import transaction
from xianjie.warehouse import as_of
from xianjie.warehouse.questions import scope
from xianjie.warehouse.questions.arrivals import never_came
from xianjie.warehouse.questions.framework import framework
from xianjie.warehouse.questions.night import UNDEFINED_TABLE, Night
from xianjie.warehouse.questions.params import bound

_LOCK = "select pg_advisory_xact_lock(hashtext('consistency'), hashtext(:county_code))"

_WOKEN = """
insert into scope_household
select w.household_id from consistency.wake as w
where w.county_code = :county_code and w.wake_on > :previous and w.wake_on <= :business_date
on conflict do nothing
"""


def run(business_date: dt.date, county_code: str, *, full: bool = False) -> Summary:
    """Evaluates all checks for one county and date, in one transaction.

    Only households that changed are looked at, and everyone by a check that compares households, changed, or
    whose answer time alone changes; `full` looks at all and gives the same result. A date run again gives the
    same rows; dates already run after it are brought in line.

    Raises:
        DefinitionError: checks or framework do not read.
        WarehouseError: the warehouse cannot be reached; nothing was changed.
    """
    definitions, frame = checks(), framework()
    with transaction() as connection:
        connection.execute(bound(_LOCK, {"county_code": county_code}))
        scope.prepare(connection)
        evaluate.prepare(connection)
        night = Night(connection, county_code, business_date, frame, full)
        summary = _evaluate(night, definitions)
        later = runs.later(connection, night.keys)
        for day in later:
            follower = Night(connection, county_code, day, frame, night.is_full, night.full_ones)
            _evaluate(follower, definitions)
    return Summary(business_date, county_code, summary.households, summary.checks, later)


def _evaluate(night: Night, definitions: Sequence[Check]) -> Summary:
    as_of(night.connection, night.business_date)
    _look_back(night)
    households = _gather(night)
    runs.forget(night.connection, night.keys)
    asked, done = (
        zip(*(_one(night, check) for check in definitions), strict=True) if definitions else ((), ())
    )
    counted = findings.counts(night.connection, night.keys)
    results = tuple(replace(result, **counted.get(result.check_id, {})) for result in done)
    runs.record_checks(night.connection, asked, results)
    runs.record_run(night.connection, night.keys, households, is_full=night.is_full)
    return Summary(night.business_date, night.county_code, households, results)


def _look_back(night: Night) -> None:
    night.look_back(runs.previous(night.connection, night.keys))
    if night.previous is not None:
        night.believed = runs.believed(night.connection, night.keys, night.previous)


def _gather(night: Night) -> int:
    """Fills the scope with who changed and who woke."""
    if not night.is_full:
        night.connection.execute(bound(_WOKEN, {**night.keys, "previous": night.previous}))
    return night.gather()


def _one(night: Night, whole: Check) -> tuple[tuple[Question, str], CheckResult]:
    """One check: its findings brought up to date, or why they stay as they were."""
    started = time.perf_counter()
    check, spec = _with_data(night, whole.connected()), whole.spec
    params = check.params(night.business_date, night.county_code, night.frame)
    fingerprint = check.fingerprint(params, night.frame)
    is_full = night.is_full_for(check.id, fingerprint, spec.refresh) or spec.reach == "county"
    question = Question(check, night.county_code, night.business_date, params, is_full)
    status, reason = _readiness(night, question)
    if status in ("ok", "partial"):
        status, reason = _answer(night, question, (status, reason))
    elapsed = round((time.perf_counter() - started) * 1000)
    result = CheckResult(check.id, spec.title, status, reason, is_full, elapsed_ms=elapsed)
    return (question, fingerprint), result


def _with_data(night: Night, check: Check) -> Check:
    """Without the parts whose data has never come, as long as one is left."""
    came = {name: sql for name, sql in check.parts.items() if not never_came(night.arrivals, [name])}
    return replace(check, parts=came or check.parts)


def _readiness(night: Night, question: Question) -> tuple[str, str | None]:
    """Skipped when a department is not connected; else as for rules and indicators."""
    check = question.check
    if absent := check.not_connected():
        return "skipped", f"数据未接入: {'、'.join(absent)}"
    if check.days(night.business_date, night.county_code) is None:
        return "blocked", "整改期限未定；待县级确认后启用"
    datasets = (*check.spec.datasets, *(check.parts if check.spec.any_of else ()))
    return night.readiness(check.spec.params, question.params, datasets)


def _answer(night: Night, question: Question, ready: tuple[str, str | None]) -> tuple[str, str | None]:
    """Asks the check and records what it found; an SQL fault leaves the findings as they were."""
    spec = question.check.spec
    if spec.reach == "household":
        night.use(spec.population, is_full=question.is_full)
    fault = evaluate.evaluate(night.connection, question)
    if fault == UNDEFINED_TABLE:
        return "blocked", "所需的数据表尚未建立，相关数据从未报送"
    if fault:
        return "failed", f"核查规则的 SQL 未能执行(SQLSTATE {fault})，沿用上次结果"
    findings.record(
        night.connection, question, question.check.days(night.business_date, night.county_code) or 0
    )
    return ready

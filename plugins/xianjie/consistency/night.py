"""The checks of one night, and of the nights after it when it is run again late."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from xianjie.consistency import evaluate, findings, runs
from xianjie.consistency.checks import Check, checks
from xianjie.consistency.evaluate import Question
from xianjie.consistency.runs import CheckResult, Summary
from xianjie.database.engine import transaction
from xianjie.warehouse import as_of
from xianjie.warehouse.questions import scope
from xianjie.warehouse.questions.arrivals import never_came
from xianjie.warehouse.questions.framework import framework
from xianjie.warehouse.questions.night import Night, not_run
from xianjie.warehouse.questions.params import bound
from xianjie.warehouse.questions.readers import Answer, Asked, Readers, readers

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
        with readers(connection, evaluate.prepare) as asking:
            night = Night(connection, county_code, business_date, frame, full)
            summary = _evaluate(night, definitions, asking)
            later = runs.later(connection, night.keys)
            for day in later:
                follower = Night(connection, county_code, day, frame, night.is_full, night.full_ones)
                _evaluate(follower, definitions, asking)
    return Summary(business_date, county_code, summary.households, summary.checks, later)


@dataclass(frozen=True)
class _Planned:
    """One check tonight: how it is asked, and whether it can be."""

    question: Question
    fingerprint: str
    status: str
    reason: str | None

    @property
    def is_asked(self) -> bool:
        return self.status in ("ok", "partial")


def _evaluate(night: Night, definitions: Sequence[Check], asking: Readers) -> Summary:
    as_of(night.connection, night.business_date)
    _look_back(night)
    households = _gather(night)
    runs.forget(night.connection, night.keys)
    planned = [_planned(night, check) for check in definitions]
    answers = asking.ask(_asked(night, each) for each in planned if each.is_asked)
    results = {each.question.check.id: _recorded(night, each, answer) for each, answer in answers}
    counted = findings.counts(night.connection, night.keys)
    done = (results.get(each.question.check.id) or _result(each) for each in planned)
    whole = tuple(replace(result, **counted.get(result.check_id, {})) for result in done)
    runs.record_checks(night.connection, [(each.question, each.fingerprint) for each in planned], whole)
    runs.record_run(night.connection, night.keys, households, is_full=night.is_full)
    return Summary(night.business_date, night.county_code, households, whole)


def _look_back(night: Night) -> None:
    night.look_back(runs.previous(night.connection, night.keys))
    if night.previous is not None:
        night.believed = runs.believed(night.connection, night.keys, night.previous)


def _gather(night: Night) -> int:
    """Fills the scope with who changed and who woke."""
    if not night.is_full:
        night.connection.execute(bound(_WOKEN, {**night.keys, "previous": night.previous}))
    return night.gather()


def _planned(night: Night, whole: Check) -> _Planned:
    check, spec = _with_data(night, whole.connected()), whole.spec
    params = check.params(night.business_date, night.county_code, night.frame)
    fingerprint = check.fingerprint(params, night.frame)
    is_full = night.is_full_for(check.id, fingerprint, spec.refresh) or spec.reach == "county"
    question = Question(check, night.county_code, night.business_date, params, is_full)
    return _Planned(question, fingerprint, *_readiness(night, question))


def _asked(night: Night, planned: _Planned) -> Asked[_Planned]:
    question, spec = planned.question, planned.question.check.spec
    households = None if spec.reach == "county" else night.scope(is_full=question.is_full)
    find = partial(evaluate.find, question=question)
    return Asked(planned, night.business_date, households, spec.population, find, evaluate.TABLES)


def _recorded(night: Night, planned: _Planned, answer: Answer) -> CheckResult:
    """Brings one check's findings up to date; an SQL fault leaves them as they were."""
    started, question = time.perf_counter(), planned.question
    if answer.fault:
        status, reason = not_run(answer.fault, "核查规则的 {}，沿用上次结果")
        planned = replace(planned, status=status, reason=reason)
    else:
        if question.check.spec.reach == "household":
            night.use(question.check.spec.population, is_full=question.is_full)
        for table in evaluate.TABLES:
            answer.take(night.connection, table)
        evaluate.wake(night.connection, question)
        days = question.check.days(night.business_date, night.county_code)
        findings.record(night.connection, question, days or 0)
    return _result(planned, answer.seconds + time.perf_counter() - started)


def _result(planned: _Planned, seconds: float = 0) -> CheckResult:
    question = planned.question
    title, elapsed = question.check.spec.title, round(seconds * 1000)
    return CheckResult(
        question.check.id, title, planned.status, planned.reason, question.is_full, elapsed_ms=elapsed
    )


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

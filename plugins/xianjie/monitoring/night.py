"""Monitoring of one night, and of the nights after it when it is run again late."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from xianjie.database.engine import transaction
from xianjie.monitoring import evaluate, hits, leads, runs
from xianjie.monitoring.evaluate import Question
from xianjie.monitoring.rules import Rule, rules
from xianjie.monitoring.runs import RuleResult, Summary
from xianjie.warehouse import as_of
from xianjie.warehouse.questions import scope
from xianjie.warehouse.questions.framework import framework
from xianjie.warehouse.questions.night import Night, not_run
from xianjie.warehouse.questions.params import bound
from xianjie.warehouse.questions.readers import Answer, Asked, Readers, readers

_LOCK = "select pg_advisory_xact_lock(hashtext('monitoring'), hashtext(:county_code))"

_WOKEN = """
insert into scope_household
select w.household_id from monitoring.wake as w
where w.county_code = :county_code and w.wake_on > :previous and w.wake_on <= :business_date
on conflict do nothing
"""

_TOUCHED = """
insert into scope_household
select h.household_id from monitoring.hit as h
where h.county_code = :county_code and (h.valid_from = :business_date or h.valid_to = :business_date)
on conflict do nothing
"""


def run(business_date: dt.date, county_code: str, *, full: bool = False) -> Summary:
    """Evaluates all rules for one county and date, in one transaction.

    Only households that changed or woke are looked at; `full` looks at all and gives the same result. A date
    run again gives the same rows; dates already run after it are brought in line.

    Raises:
        DefinitionError: rules or framework do not read.
        WarehouseError: the warehouse cannot be reached; nothing was changed.
    """
    definitions, frame = rules(), framework()
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
    return Summary(business_date, county_code, summary.households, summary.rules, later)


@dataclass(frozen=True)
class _Planned:
    """One rule tonight: how it is asked, and whether it can be."""

    question: Question
    fingerprint: str
    is_full: bool
    status: str
    reason: str | None


def _evaluate(night: Night, definitions: Sequence[Rule], asking: Readers) -> Summary:
    """Rules that read hits are asked last, where the hits are: in the transaction that found them."""
    as_of(night.connection, night.business_date)
    _look_back(night)
    households = _gather(night)
    runs.forget(night.connection, night.keys)
    planned = [_planned(night, rule) for rule in definitions if not rule.spec.reads_hits]
    answers = asking.ask(_asked(night, each) for each in planned if each.status != "blocked")
    recorded = {each.question.rule.id: _recorded(night, each, answer) for each, answer in answers}
    results = {
        each.question.rule.id: recorded.get(each.question.rule.id) or _result(night, each) for each in planned
    }
    for rule in definitions:
        if rule.spec.reads_hits:
            _gather_touched(night)
            results[rule.id] = _one(night, rule, list(results.values()))
    runs.record_run(night.connection, night.keys, households, is_full=night.is_full)
    in_order = tuple(results[rule.id] for rule in definitions)
    return Summary(night.business_date, night.county_code, households, in_order)


def _look_back(night: Night) -> None:
    """Finds the night before, and which rules it left in a state that can be carried on."""
    night.look_back(runs.previous(night.connection, night.keys))
    if night.previous is not None:
        night.believed = runs.believed(night.connection, night.keys, night.previous)


def _gather(night: Night) -> int:
    """Fills the scope with who changed and who woke."""
    if not night.is_full:
        night.connection.execute(bound(_WOKEN, {**night.keys, "previous": night.previous}))
    return night.gather()


def _gather_touched(night: Night) -> None:
    """Adds the households whose hits changed tonight, for rules that read hits."""
    if not night.is_full:
        night.connection.execute(bound(_TOUCHED, night.keys))
        night.settle()


def _planned(night: Night, rule: Rule) -> _Planned:
    params = rule.params(night.business_date, night.county_code, night.frame)
    question = Question(rule, night.county_code, night.business_date, params)
    fingerprint = rule.fingerprint(params, night.frame)
    is_full = night.is_full_for(rule.id, fingerprint)
    return _Planned(
        question, fingerprint, is_full, *night.readiness(rule.spec.params, params, rule.spec.datasets)
    )


def _asked(night: Night, planned: _Planned) -> Asked[_Planned]:
    households = night.scope(is_full=planned.is_full)
    find = partial(evaluate.find, question=planned.question)
    population = planned.question.rule.spec.population
    return Asked(planned, night.business_date, households, population, find, evaluate.TABLES)


def _recorded(night: Night, planned: _Planned, answer: Answer) -> RuleResult:
    """Records the hits and leads of a rule that a reader asked."""
    started = time.perf_counter()
    if not answer.fault:
        for table in evaluate.TABLES:
            answer.take(night.connection, table)
    return _result(
        night, *_kept(night, planned, answer.fault), answer.seconds + time.perf_counter() - started
    )


def _one(night: Night, rule: Rule, before: Sequence[RuleResult]) -> RuleResult:
    """Asks a rule that reads hits, and records what it finds."""
    started = time.perf_counter()
    planned = _planned(night, rule)
    unsure = [result.rule_id for result in before if result.status != "ok"]
    if planned.status == "ok" and unsure:
        reason = f"所依据的规则今晚未完整评估: {'、'.join(unsure)}"
        planned = replace(planned, status="partial", reason=reason)
    if planned.status == "blocked":
        return _result(night, planned)
    night.use(rule.spec.population, is_full=planned.is_full)
    fault = evaluate.find(night.connection, planned.question)
    return _result(night, *_kept(night, planned, fault), time.perf_counter() - started)


def _kept(night: Night, planned: _Planned, fault: str | None) -> tuple[_Planned, dict[str, int]]:
    """Hits, wakes and leads brought in line with what was found; an SQL fault leaves them as they were."""
    if fault:
        status, reason = not_run(fault, "规则的 {}，沿用上次结果")
        return replace(planned, status=status, reason=reason), {}
    question = planned.question
    base = night.use(question.rule.spec.population, is_full=planned.is_full)
    evaluate.wake(night.connection, question)
    hits.record(night.connection, question)
    return planned, leads.refresh(night.connection, question, base)


def _result(
    night: Night, planned: _Planned, counted: Mapping[str, int] | None = None, seconds: float = 0
) -> RuleResult:
    """Writes what became of a rule."""
    question, title = planned.question, planned.question.rule.spec.title
    counts = {**(counted or {}), **hits.counts(night.connection, question)}
    result = RuleResult(
        question.rule.id, title, planned.status, planned.reason, planned.is_full,
        elapsed_ms=round(seconds * 1000), **counts,
    )  # fmt: skip
    runs.record_rule(night.connection, question, planned.fingerprint, result)
    return result

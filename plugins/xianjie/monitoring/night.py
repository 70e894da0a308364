"""Monitoring of one night, and of the nights after it when it is run again late."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

from xianjie.database.engine import transaction
from xianjie.monitoring import evaluate, hits, leads, runs
from xianjie.monitoring.evaluate import Question
from xianjie.monitoring.rules import Rule, rules
from xianjie.monitoring.runs import RuleResult, Summary
from xianjie.warehouse import as_of
from xianjie.warehouse.questions import scope
from xianjie.warehouse.questions.framework import framework
from xianjie.warehouse.questions.night import UNDEFINED_TABLE, Night
from xianjie.warehouse.questions.params import bound

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
        night = Night(connection, county_code, business_date, frame, full)
        summary = _evaluate(night, definitions)
        later = runs.later(connection, night.keys)
        for day in later:
            _evaluate(
                Night(connection, county_code, day, frame, night.is_full, night.full_ones), definitions
            )
    return Summary(business_date, county_code, summary.households, summary.rules, later)


def _evaluate(night: Night, definitions: tuple[Rule, ...]) -> Summary:
    as_of(night.connection, night.business_date)
    _look_back(night)
    households = _gather(night)
    runs.forget(night.connection, night.keys)
    results: list[RuleResult] = []
    for rule in definitions:
        if rule.spec.reads_hits:
            _gather_touched(night)
        results.append(_one(night, rule, results))
    runs.record_run(night.connection, night.keys, households, is_full=night.is_full)
    return Summary(night.business_date, night.county_code, households, tuple(results))


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


def _one(night: Night, rule: Rule, before: list[RuleResult]) -> RuleResult:
    started = time.perf_counter()
    params = rule.params(night.business_date, night.county_code, night.frame)
    question = Question(rule, night.county_code, night.business_date, params)
    fingerprint = rule.fingerprint(params, night.frame)
    is_full = night.is_full_for(rule.id, fingerprint)
    status, reason = _readiness(night, rule, params, before)
    counted: dict[str, int] = {}
    if status != "blocked":
        status, reason, counted = _answer(night, question, status, reason)
    counted = {**counted, **hits.counts(night.connection, question)}
    elapsed = round((time.perf_counter() - started) * 1000)
    result = RuleResult(rule.id, rule.spec.title, status, reason, is_full, elapsed_ms=elapsed, **counted)
    runs.record_rule(night.connection, question, fingerprint, result)
    return result


def _readiness(
    night: Night, rule: Rule, params: dict[str, Any], before: list[RuleResult]
) -> tuple[str, str | None]:
    """The status before any SQL: blocked by an unknown parameter or data that never came, or partial."""
    status, reason = night.readiness(rule.spec.params, params, rule.spec.datasets)
    if status != "ok":
        return status, reason
    unsure = [result.rule_id for result in before if result.status != "ok"]
    if rule.spec.reads_hits and unsure:
        return "partial", f"所依据的规则今晚未完整评估: {'、'.join(unsure)}"
    return "ok", None


def _answer(
    night: Night, question: Question, status: str, reason: str | None
) -> tuple[str, str | None, dict[str, int]]:
    """Asks the rule and records hits and leads; an SQL fault leaves both as they were."""
    rule = question.rule
    base = night.use(rule.spec.population, is_full=rule.id in night.full_ones)
    fault = evaluate.evaluate(night.connection, question)
    if fault == UNDEFINED_TABLE:
        return "blocked", "所需的数据表尚未建立，相关数据从未报送", {}
    if fault:
        return "failed", f"规则的 SQL 未能执行(SQLSTATE {fault})，沿用上次结果", {}
    hits.record(night.connection, question)
    return status, reason, leads.refresh(night.connection, question, base)

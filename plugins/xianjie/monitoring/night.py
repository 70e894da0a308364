"""Monitoring of one night, and of the nights after it when it is run again late."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from xianjie.database.engine import transaction
from xianjie.monitoring import evaluate, hits, leads, runs, scope
from xianjie.monitoring.arrivals import Arrival, arrivals, missing, never_came
from xianjie.monitoring.evaluate import Question
from xianjie.monitoring.framework import Framework, framework
from xianjie.monitoring.params import bound
from xianjie.monitoring.rules import Rule, rules
from xianjie.monitoring.runs import RuleResult, Summary
from xianjie.warehouse import as_of

_UNDEFINED_TABLE = "42P01"

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


@dataclass
class _Night:
    """One business date under evaluation; `full_rules` look at everyone, and stay so on later dates."""

    connection: Connection
    county_code: str
    business_date: dt.date
    frame: Framework
    is_full: bool
    full_rules: set[str] = field(default_factory=set)
    previous: dt.date | None = None
    arrivals: dict[str, Arrival] = field(default_factory=dict)
    believed: dict[str, str] = field(default_factory=dict)
    has_everyone: bool = False

    @property
    def keys(self) -> dict[str, Any]:
        """The binds that name this night."""
        return {"county_code": self.county_code, "business_date": self.business_date}


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
        night = _Night(connection, county_code, business_date, frame, full)
        summary = _evaluate(night, definitions)
        later = runs.later(connection, night.keys)
        for day in later:
            _evaluate(
                _Night(connection, county_code, day, frame, night.is_full, night.full_rules), definitions
            )
    return Summary(business_date, county_code, summary.households, summary.rules, later)


def _evaluate(night: _Night, definitions: tuple[Rule, ...]) -> Summary:
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


def _look_back(night: _Night) -> None:
    """Finds the night before, and which rules it left in a state that can be carried on."""
    night.previous = runs.previous(night.connection, night.keys)
    night.arrivals = arrivals(night.connection, night.county_code, night.business_date)
    if night.previous is None:
        night.is_full = True
    else:
        night.believed = runs.believed(night.connection, night.keys, night.previous)


def _gather(night: _Night) -> int:
    """Fills the scope; households of an earlier date run in this transaction stay in it."""
    if night.is_full:
        return _gather_everyone(night)
    scope.changed(night.connection, {**night.keys, "previous": night.previous})
    night.connection.execute(bound(_WOKEN, {**night.keys, "previous": night.previous}))
    return scope.settle(night.connection, scope.TONIGHT, night.county_code, night.frame)


def _gather_everyone(night: _Night) -> int:
    night.has_everyone = True
    scope.everyone(night.connection, night.county_code)
    return scope.settle(night.connection, scope.EVERYONE, night.county_code, night.frame)


def _gather_touched(night: _Night) -> None:
    """Adds the households whose hits changed tonight, for rules that read hits."""
    if not night.is_full:
        night.connection.execute(bound(_TOUCHED, night.keys))
        scope.settle(night.connection, scope.TONIGHT, night.county_code, night.frame)


def _one(night: _Night, rule: Rule, before: list[RuleResult]) -> RuleResult:
    started = time.perf_counter()
    params = rule.params(night.business_date, night.county_code, night.frame)
    question = Question(rule, night.county_code, night.business_date, params)
    fingerprint = rule.fingerprint(params, night.frame)
    if night.is_full or night.believed.get(rule.id) != fingerprint:
        night.full_rules.add(rule.id)
    status, reason = _readiness(night, rule, params, before)
    counted: dict[str, int] = {}
    if status != "blocked":
        status, reason, counted = _answer(night, question, status, reason)
    counted = {**counted, **hits.counts(night.connection, question)}
    elapsed = round((time.perf_counter() - started) * 1000)
    is_full = rule.id in night.full_rules
    result = RuleResult(rule.id, rule.spec.title, status, reason, is_full, elapsed_ms=elapsed, **counted)
    runs.record_rule(night.connection, question, fingerprint, result)
    return result


def _readiness(
    night: _Night, rule: Rule, params: dict[str, Any], before: list[RuleResult]
) -> tuple[str, str | None]:
    """The status before any SQL: blocked by an unknown parameter or data that never came, or partial."""
    unknown = [rule.spec.params[name].title for name, value in params.items() if value is None]
    if unknown:
        return "blocked", f"参数未定: {'、'.join(unknown)}；待县级确认后启用"
    if absent := never_came(night.arrivals, rule.spec.datasets):
        return "blocked", "；".join(arrival.sentence for arrival in absent)
    if late := missing(night.arrivals, rule.spec.datasets):
        return "partial", "；".join(arrival.sentence for arrival in late)
    unsure = [result.rule_id for result in before if result.status != "ok"]
    if rule.spec.reads_hits and unsure:
        return "partial", f"所依据的规则今晚未完整评估: {'、'.join(unsure)}"
    return "ok", None


def _answer(
    night: _Night, question: Question, status: str, reason: str | None
) -> tuple[str, str | None, dict[str, int]]:
    """Asks the rule and records hits and leads; an SQL fault leaves both as they were."""
    base = scope.TONIGHT
    if question.rule.id in night.full_rules:
        base = scope.EVERYONE
        if not night.has_everyone:
            _gather_everyone(night)
    scope.use(night.connection, base, question.rule.spec.population)
    fault = evaluate.evaluate(night.connection, question)
    if fault == _UNDEFINED_TABLE:
        return "blocked", "所需的数据表尚未建立，相关数据从未报送", {}
    if fault:
        return "failed", f"规则的 SQL 未能执行(SQLSTATE {fault})，沿用上次结果", {}
    hits.record(night.connection, question)
    return status, reason, leads.refresh(night.connection, question, base)

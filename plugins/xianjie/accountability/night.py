"""Accountability of one night, and of the nights after it when it is run again late."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Sequence
from dataclasses import dataclass

from xianjie.accountability import evidence, publications, values
from xianjie.accountability.evidence import Question
from xianjie.accountability.indicators import Indicator, indicators
from xianjie.accountability.publications import IndicatorResult, Published
from xianjie.database import partitions
from xianjie.database.engine import transaction
from xianjie.warehouse import as_of
from xianjie.warehouse.questions import scope
from xianjie.warehouse.questions.arrivals import missing
from xianjie.warehouse.questions.framework import framework
from xianjie.warehouse.questions.night import UNDEFINED_TABLE, Night
from xianjie.warehouse.questions.params import bound, resolve

_LOCK = "select pg_advisory_xact_lock(hashtext('accountability'), hashtext(:county_code))"


@dataclass(frozen=True)
class Summary:
    """The outcome of `run`; `later` are dates published anew because this one was run after them."""

    business_date: dt.date
    county_code: str
    households: int
    published: Published
    indicators: tuple[IndicatorResult, ...]
    later: tuple[Published, ...] = ()

    @property
    def failed(self) -> tuple[str, ...]:
        """Indicators whose SQL did not run."""
        return tuple(result.indicator for result in self.indicators if result.status == "failed")


@dataclass(frozen=True)
class _Collected:
    """One indicator's evidence is in place, or could not be had."""

    question: Question
    fingerprint: str
    status: str
    reason: str | None
    seconds: float


def run(
    business_date: dt.date, county_code: str, *, full: bool = False, reason: str = "补报或更正后重新计算"
) -> Summary:
    """Computes and publishes all indicators for one county and date, in one transaction.

    Only households that changed are looked at; `full` looks at all and gives the same figures. The same
    inputs publish nothing new; other inputs make a new revision with `reason`, for later dates too.

    Raises:
        DefinitionError: indicators or framework do not read.
        WarehouseError: the warehouse cannot be reached; nothing was changed.
    """
    definitions, frame = indicators(), framework()
    with transaction() as connection:
        connection.execute(bound(_LOCK, {"county_code": county_code}))
        for stage in (scope, evidence, values):
            stage.prepare(connection)
        night = Night(connection, county_code, business_date, frame, full)
        summary = _compute(night, definitions, reason)
        later = []
        for day in publications.later(connection, night.keys):
            follower = Night(connection, county_code, day, frame, night.is_full, night.full_ones)
            later.append(_compute(follower, definitions, reason).published)
    return Summary(
        business_date, county_code, summary.households, summary.published, summary.indicators, tuple(later)
    )


def _compute(night: Night, definitions: Sequence[Indicator], reason: str) -> Summary:
    as_of(night.connection, night.business_date)
    values.clear(night.connection)
    _look_back(night)
    households = night.gather()
    publications.forget_runs(night.connection, night.keys)
    results = tuple(_figure(night, collected) for collected in _collect_all(night, definitions))
    published = publications.publish(night.connection, night.keys, reason)
    return Summary(night.business_date, night.county_code, households, published, results)


def _collect_all(night: Night, definitions: Sequence[Indicator]) -> list[_Collected]:
    if partitions.exists(night.connection, evidence.TABLE, night.county_code):
        return [_collect(night, indicator) for indicator in definitions]
    with partitions.fresh(night.connection, evidence.TABLE, night.county_code) as target:
        return [_collect(night, indicator, target) for indicator in definitions]


def _look_back(night: Night) -> None:
    night.look_back(publications.previous(night.connection, night.keys))
    if night.previous is not None:
        night.believed = publications.believed(night.connection, night.keys, night.previous)


def _collect(night: Night, indicator: Indicator, target: str | None = None) -> _Collected:
    """Brings one indicator's evidence up to date, or says why it cannot."""
    started = time.perf_counter()
    spec = indicator.spec
    params = resolve(spec.params, night.business_date, night.county_code, night.frame)
    fingerprint = indicator.fingerprint(params, night.frame)
    is_full = night.is_full_for(spec.id, fingerprint, spec.refresh) or target is not None
    question = Question(indicator, night.county_code, night.business_date, params, is_full)
    status, reason = night.readiness(spec.params, params, spec.datasets)
    if status != "blocked":
        status, reason = _ask(night, question, target, (status, reason))
    return _Collected(question, fingerprint, status, reason, time.perf_counter() - started)


def _figure(night: Night, collected: _Collected) -> IndicatorResult:
    """Sums and lights one indicator."""
    started = time.perf_counter()
    question, spec = collected.question, collected.question.indicator.spec
    is_known = collected.status in ("ok", "partial")
    if is_known:
        values.tally(night.connection, question, None if question.is_full else night.previous)
    departments = sorted({arrival.department for arrival in missing(night.arrivals, spec.datasets)})
    values.light(night.connection, question, departments, is_known=is_known)
    elapsed = round((time.perf_counter() - started + collected.seconds) * 1000)
    result = IndicatorResult(
        spec.id, spec.title, collected.status, collected.reason, question.is_full, elapsed
    )
    publications.record(night.connection, question, collected.fingerprint, result)
    return result


def _ask(
    night: Night, question: Question, target: str | None, ready: tuple[str, str | None]
) -> tuple[str, str | None]:
    night.use(question.indicator.spec.population, is_full=question.is_full)
    fault = evidence.collect(night.connection, question, target)
    if fault == UNDEFINED_TABLE:
        return "blocked", "所需的数据表尚未建立，相关数据从未报送"
    if fault:
        return "failed", f"指标的 SQL 未能执行(SQLSTATE {fault})"
    return ready

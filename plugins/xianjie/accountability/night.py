"""Accountability of one night, and of the nights after it when it is run again late."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from xianjie.accountability import evidence, publications, values
from xianjie.accountability.evidence import Question
from xianjie.accountability.indicators import Indicator, indicators
from xianjie.accountability.publications import IndicatorResult, Published
from xianjie.database import partitions
from xianjie.database.engine import transaction
from xianjie.monitoring import scope
from xianjie.monitoring.arrivals import Arrival, arrivals, missing, never_came
from xianjie.monitoring.framework import Framework, framework
from xianjie.monitoring.params import bound, resolve
from xianjie.warehouse import as_of

_UNDEFINED_TABLE = "42P01"
_SCHOOL_YEAR_MONTH = 9

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


@dataclass
class _Night:
    """One business date under computation; `full_ones` look at everyone, and stay so on later dates."""

    connection: Connection
    county_code: str
    business_date: dt.date
    frame: Framework
    is_full: bool
    full_ones: set[str] = field(default_factory=set)
    previous: dt.date | None = None
    arrivals: dict[str, Arrival] = field(default_factory=dict)
    believed: dict[str, str] = field(default_factory=dict)
    has_everyone: bool = False

    @property
    def keys(self) -> dict[str, Any]:
        """The binds that name this night."""
        return {"county_code": self.county_code, "business_date": self.business_date}


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
        night = _Night(connection, county_code, business_date, frame, full)
        summary = _compute(night, definitions, reason)
        later = []
        for day in publications.later(connection, night.keys):
            follower = _Night(connection, county_code, day, frame, night.is_full, night.full_ones)
            later.append(_compute(follower, definitions, reason).published)
    return Summary(
        business_date, county_code, summary.households, summary.published, summary.indicators, tuple(later)
    )


def _compute(night: _Night, definitions: Sequence[Indicator], reason: str) -> Summary:
    as_of(night.connection, night.business_date)
    values.clear(night.connection)
    _look_back(night)
    households = _gather(night)
    publications.forget_runs(night.connection, night.keys)
    results = tuple(_figure(night, collected) for collected in _collect_all(night, definitions))
    published = publications.publish(night.connection, night.keys, reason)
    return Summary(night.business_date, night.county_code, households, published, results)


def _collect_all(night: _Night, definitions: Sequence[Indicator]) -> list[_Collected]:
    if partitions.exists(night.connection, evidence.TABLE, night.county_code):
        return [_collect(night, indicator) for indicator in definitions]
    with partitions.fresh(night.connection, evidence.TABLE, night.county_code) as target:
        return [_collect(night, indicator, target) for indicator in definitions]


def _look_back(night: _Night) -> None:
    night.previous = publications.previous(night.connection, night.keys)
    night.arrivals = arrivals(night.connection, night.county_code, night.business_date)
    if night.previous is None:
        night.is_full = True
    else:
        night.believed = publications.believed(night.connection, night.keys, night.previous)


def _gather(night: _Night) -> int:
    """Fills the scope; households of an earlier date run in this transaction stay in it."""
    if night.is_full:
        return _gather_everyone(night)
    scope.changed(night.connection, {**night.keys, "previous": night.previous})
    return scope.settle(night.connection, scope.TONIGHT, night.county_code, night.frame)


def _gather_everyone(night: _Night) -> int:
    night.has_everyone = True
    scope.everyone(night.connection, night.county_code)
    return scope.settle(night.connection, scope.EVERYONE, night.county_code, night.frame)


def _collect(night: _Night, indicator: Indicator, target: str | None = None) -> _Collected:
    """Brings one indicator's evidence up to date, or says why it cannot."""
    started = time.perf_counter()
    spec = indicator.spec
    params = resolve(spec.params, night.business_date, night.county_code, night.frame)
    fingerprint = indicator.fingerprint(params, night.frame)
    if night.is_full or night.believed.get(spec.id) != fingerprint or _is_refreshed(night, spec.refresh):
        night.full_ones.add(spec.id)
    is_full = spec.id in night.full_ones or target is not None
    question = Question(indicator, night.county_code, night.business_date, params, is_full)
    status, reason = _readiness(night, indicator, params)
    if status != "blocked":
        status, reason = _ask(night, question, target, (status, reason))
    return _Collected(question, fingerprint, status, reason, time.perf_counter() - started)


def _figure(night: _Night, collected: _Collected) -> IndicatorResult:
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


def _is_refreshed(night: _Night, refresh: str) -> bool:
    """Whether time alone changed the answer since the date published before."""
    if refresh == "never" or night.previous is None:
        return False
    months = [day.year * 12 + day.month for day in (night.previous, night.business_date)]
    if refresh == "school_year":
        months = [(month - _SCHOOL_YEAR_MONTH) // 12 for month in months]
    return months[0] != months[1]


def _readiness(night: _Night, indicator: Indicator, params: dict[str, Any]) -> tuple[str, str | None]:
    spec = indicator.spec
    unknown = [spec.params[name].title for name, value in params.items() if value is None]
    if unknown:
        return "blocked", f"参数未定: {'、'.join(unknown)}；待县级确认后启用"
    if absent := never_came(night.arrivals, spec.datasets):
        return "blocked", "；".join(arrival.sentence for arrival in absent)
    if late := missing(night.arrivals, spec.datasets):
        return "partial", "；".join(arrival.sentence for arrival in late)
    return "ok", None


def _ask(
    night: _Night, question: Question, target: str | None, ready: tuple[str, str | None]
) -> tuple[str, str | None]:
    base = scope.TONIGHT
    if question.is_full:
        base = scope.EVERYONE
        if not night.has_everyone:
            _gather_everyone(night)
    scope.use(night.connection, base, question.indicator.spec.population)
    fault = evidence.collect(night.connection, question, target)
    if fault == _UNDEFINED_TABLE:
        return "blocked", "所需的数据表尚未建立，相关数据从未报送"
    if fault:
        return "failed", f"指标的 SQL 未能执行(SQLSTATE {fault})"
    return ready

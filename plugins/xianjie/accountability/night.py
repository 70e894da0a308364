"""Accountability of one night, and of the nights after it when it is run again late."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

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
from xianjie.warehouse.questions.night import Night, not_run
from xianjie.warehouse.questions.params import bound, resolve
from xianjie.warehouse.questions.readers import Answer, Asked, Readers, readers

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
class _Planned:
    """One indicator tonight: how it is asked, and whether it can be."""

    question: Question
    fingerprint: str
    status: str
    reason: str | None
    seconds: float = 0

    @property
    def is_known(self) -> bool:
        """Whether there is a figure tonight, of all its data or of a part."""
        return self.status in ("ok", "partial")


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
        with readers(connection, evidence.prepare) as asking:
            night = Night(connection, county_code, business_date, frame, full)
            summary = _compute(night, definitions, asking, reason)
            later = []
            for day in publications.later(connection, night.keys):
                follower = Night(connection, county_code, day, frame, night.is_full, night.full_ones)
                later.append(_compute(follower, definitions, asking, reason).published)
    return Summary(
        business_date, county_code, summary.households, summary.published, summary.indicators, tuple(later)
    )


def _compute(night: Night, definitions: Sequence[Indicator], asking: Readers, reason: str) -> Summary:
    as_of(night.connection, night.business_date)
    values.clear(night.connection)
    _look_back(night)
    households = night.gather()
    publications.forget_runs(night.connection, night.keys)
    results = tuple(_figure(night, collected) for collected in _collect_all(night, definitions, asking))
    published = publications.publish(night.connection, night.keys, reason)
    return Summary(night.business_date, night.county_code, households, published, results)


def _look_back(night: Night) -> None:
    night.look_back(publications.previous(night.connection, night.keys))
    if night.previous is not None:
        night.believed = publications.believed(night.connection, night.keys, night.previous)


def _collect_all(night: Night, definitions: Sequence[Indicator], asking: Readers) -> list[_Planned]:
    """Every indicator's evidence brought up to date, or why it cannot be."""
    connection, county = night.connection, night.county_code
    if partitions.exists(connection, evidence.TABLE, county):
        return _collect(night, definitions, asking, None)
    with partitions.fresh(connection, evidence.TABLE, county) as target:
        return _collect(night, definitions, asking, target)


def _collect(
    night: Night, definitions: Sequence[Indicator], asking: Readers, target: str | None
) -> list[_Planned]:
    planned = [_planned(night, indicator, is_first=target is not None) for indicator in definitions]
    own = {each.question.indicator.id: each for each in planned if not each.question.indicator.spec.evidence_of}
    answers = asking.ask(_asked(night, each) for each in own.values() if each.status != "blocked")
    for each, answer in answers:
        own[each.question.indicator.id] = _recorded(night, each, answer, target)
    return [own.get(each.question.indicator.id) or _sharing(each, own) for each in planned]


def _sharing(planned: _Planned, own: Mapping[str, _Planned]) -> _Planned:
    """An indicator that measures another's evidence: it knows no more than that one does."""
    source = own[planned.question.indicator.evidence]
    if planned.is_known and not source.is_known:
        return replace(planned, status=source.status, reason=source.reason)
    return planned


def _planned(night: Night, indicator: Indicator, *, is_first: bool) -> _Planned:
    spec = indicator.spec
    params = resolve(spec.params, night.business_date, night.county_code, night.frame)
    fingerprint = indicator.fingerprint(params, night.frame)
    is_full = night.is_full_for(spec.id, fingerprint, spec.refresh) or is_first
    question = Question(indicator, night.county_code, night.business_date, params, is_full)
    return _Planned(question, fingerprint, *night.readiness(spec.params, params, spec.datasets))


def _asked(night: Night, planned: _Planned) -> Asked[_Planned]:
    question = planned.question
    return Asked(
        planned,
        night.business_date,
        night.scope(is_full=question.is_full),
        question.indicator.spec.population,
        partial(evidence.find, question=question),
        (evidence.FOUND,),
    )


def _recorded(night: Night, planned: _Planned, answer: Answer, target: str | None) -> _Planned:
    """Brings one indicator's evidence up to date; an SQL fault leaves it as it was."""
    started, question = time.perf_counter(), planned.question
    if answer.fault:
        status, reason = not_run(answer.fault, "指标的 {}")
        planned = replace(planned, status=status, reason=reason)
    elif target:
        evidence.load(night.connection, answer, target)
    else:
        night.use(question.indicator.spec.population, is_full=question.is_full)
        evidence.record(night.connection, question, answer)
    return replace(planned, seconds=answer.seconds + time.perf_counter() - started)


def _figure(night: Night, planned: _Planned) -> IndicatorResult:
    """Sums and lights one indicator."""
    started = time.perf_counter()
    question, spec = planned.question, planned.question.indicator.spec
    if planned.is_known:
        values.tally(night.connection, question, None if question.is_full else night.previous)
    departments = sorted({arrival.department for arrival in missing(night.arrivals, spec.datasets)})
    values.light(night.connection, question, departments, is_known=planned.is_known)
    elapsed = round((time.perf_counter() - started + planned.seconds) * 1000)
    result = IndicatorResult(spec.id, spec.title, planned.status, planned.reason, question.is_full, elapsed)
    publications.record(night.connection, question, planned.fingerprint, result)
    return result

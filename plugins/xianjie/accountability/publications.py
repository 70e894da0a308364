"""Frozen figures: the same inputs publish nothing new, others make a new revision and keep the old one."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from xianjie.accountability.evidence import Question
from xianjie.dates import now
from xianjie.warehouse.questions.params import bound

_PREVIOUS = """
select max(p.business_date) from accountability.publication as p
where p.county_code = :county_code and p.business_date < :business_date
"""

_LATER = """
select distinct p.business_date from accountability.publication as p
where p.county_code = :county_code and p.business_date > :business_date
order by p.business_date
"""

_BELIEVED = """
select r.indicator, r.fingerprint from accountability.indicator_run as r
where r.county_code = :county_code and r.business_date = :previous and r.status in ('ok', 'partial')
"""

_CHECKSUM = """
select coalesce(md5(string_agg(md5(f::text), '' order by f.indicator, f.division_code)), '') from figure as f
"""

_CURRENT = """
select p.revision, p.checksum from accountability.publication as p
where p.county_code = :county_code and p.business_date = :business_date and p.is_current
"""

_SUPERSEDE = """
update accountability.publication set is_current = false
where county_code = :county_code and business_date = :business_date and is_current
"""

_PUBLISH = """
insert into accountability.publication (
    county_code, business_date, revision, checksum, reason, is_current, published_at
) values (:county_code, :business_date, :revision, :checksum, :reason, true, :published_at)
"""

_VALUES = """
insert into accountability.value (
    county_code, business_date, revision, indicator, division_code, entities, numerator, denominator, value,
    target, light, is_confirmed, missing_departments
)
select
    :county_code, :business_date, :revision, f.indicator, f.division_code, f.entities, f.numerator,
    f.denominator, f.value, f.target, f.light, f.is_confirmed, f.missing_departments
from figure as f
"""

_FORGET = """
delete from accountability.indicator_run
where county_code = :county_code and business_date = :business_date
"""

_RUN = """
insert into accountability.indicator_run (
    county_code, business_date, indicator, indicator_version, fingerprint, params, status, reason, is_full,
    elapsed_ms
) values (
    :county_code, :business_date, :indicator, :version, :fingerprint, cast(:params as jsonb), :status,
    :reason, :is_full, :elapsed_ms
)
"""


@dataclass(frozen=True)
class IndicatorResult:
    """What an indicator did on one night: `status` is ok, partial, blocked or failed, `reason` in Chinese."""

    indicator: str
    title: str
    status: str
    reason: str | None
    is_full: bool
    elapsed_ms: int


@dataclass(frozen=True)
class Published:
    """The revision in force after a night, and whether this night made it."""

    business_date: dt.date
    revision: int
    is_new: bool


def previous(connection: Connection, keys: Mapping[str, Any]) -> dt.date | None:
    """The business date published before this one."""
    found: dt.date | None = connection.scalar(bound(_PREVIOUS, keys))
    return found


def later(connection: Connection, keys: Mapping[str, Any]) -> tuple[dt.date, ...]:
    """The business dates published after this one, in order."""
    return tuple(connection.scalars(bound(_LATER, keys)))


def believed(connection: Connection, keys: Mapping[str, Any], on: dt.date) -> dict[str, str]:
    """Indicators that `on` left in a state that can be carried on, with their fingerprints."""
    rows = connection.execute(bound(_BELIEVED, {**keys, "previous": on}))
    return {row.indicator: row.fingerprint for row in rows}


def forget_runs(connection: Connection, keys: Mapping[str, Any]) -> None:
    """Removes what an earlier run of the same date said about its indicators."""
    connection.execute(bound(_FORGET, keys))


def record(connection: Connection, question: Question, fingerprint: str, result: IndicatorResult) -> None:
    """Writes what one indicator did."""
    row = {name: value for name, value in vars(result).items() if name not in ("title", "indicator")}
    about = {
        "version": question.indicator.spec.version,
        "fingerprint": fingerprint,
        "params": json.dumps(dict(question.params), default=str, ensure_ascii=False),
    }
    connection.execute(bound(_RUN, {**question.keys, **row, **about}))


def publish(connection: Connection, keys: Mapping[str, Any], reason: str) -> Published:
    """Freezes the figures of this transaction, unless they are those already in force."""
    checksum = connection.scalar(text(_CHECKSUM))
    current = connection.execute(bound(_CURRENT, keys)).one_or_none()
    day = keys["business_date"]
    if current and current.checksum == checksum:
        return Published(day, current.revision, is_new=False)
    revision = current.revision + 1 if current else 1
    stamp = {
        "revision": revision,
        "checksum": checksum,
        "published_at": now(),
        "reason": reason if current else "首次发布",
    }
    connection.execute(bound(_SUPERSEDE, keys))
    connection.execute(bound(_PUBLISH, {**keys, **stamp}))
    connection.execute(bound(_VALUES, {**keys, "revision": revision}))
    return Published(day, revision, is_new=True)

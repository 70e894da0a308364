"""What each night's evaluation did, kept in ``monitoring.run`` and ``monitoring.rule_run``."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from xianjie.dates import now
from xianjie.monitoring.evaluate import Question
from xianjie.warehouse.questions.params import bound

_PREVIOUS = """
select max(r.business_date) from monitoring.run as r
where r.county_code = :county_code and r.business_date < :business_date
"""

_LATER = """
select r.business_date from monitoring.run as r
where r.county_code = :county_code and r.business_date > :business_date
order by r.business_date
"""

_BELIEVED = """
select
    r.rule_id,
    r.fingerprint
from monitoring.rule_run as r
where r.county_code = :county_code and r.business_date = :previous and r.status in ('ok', 'partial')
"""

_FORGET = """
delete from monitoring.rule_run
where county_code = :county_code and business_date = :business_date
"""

_RULE = """
insert into monitoring.rule_run (
    county_code, business_date, rule_id, rule_version, fingerprint, params, status, reason, is_full,
    hits_open, hits_opened, hits_closed, leads_opened, leads_suppressed, elapsed_ms
) values (
    :county_code, :business_date, :rule_id, :rule_version, :fingerprint, cast(:params as jsonb), :status,
    :reason, :is_full, :hits_open, :hits_opened, :hits_closed, :leads_opened, :leads_suppressed, :elapsed_ms
)
"""

_RUN = """
insert into monitoring.run (county_code, business_date, is_full, households, finished_at)
values (:county_code, :business_date, :is_full, :households, :finished_at)
on conflict (county_code, business_date) do update
set is_full = excluded.is_full, households = excluded.households, finished_at = excluded.finished_at
"""


@dataclass(frozen=True)
class RuleResult:
    """What a rule did on one night: `status` is ok, partial, blocked or failed, `reason` is in Chinese."""

    rule_id: str
    title: str
    status: str
    reason: str | None
    is_full: bool
    hits_open: int = 0
    hits_opened: int = 0
    hits_closed: int = 0
    leads_opened: int = 0
    leads_suppressed: int = 0
    elapsed_ms: int = 0


@dataclass(frozen=True)
class Summary:
    """The outcome of a night; `later_dates` were evaluated anew because this date was run after them."""

    business_date: dt.date
    county_code: str
    households: int
    rules: tuple[RuleResult, ...]
    later_dates: tuple[dt.date, ...] = ()

    @property
    def failed(self) -> tuple[str, ...]:
        """Rules whose SQL did not run."""
        return tuple(rule.rule_id for rule in self.rules if rule.status == "failed")


def previous(connection: Connection, keys: Mapping[str, Any]) -> dt.date | None:
    """The business date evaluated before this one."""
    found: dt.date | None = connection.scalar(bound(_PREVIOUS, keys))
    return found


def later(connection: Connection, keys: Mapping[str, Any]) -> tuple[dt.date, ...]:
    """The business dates evaluated after this one, in order."""
    return tuple(connection.scalars(bound(_LATER, keys)))


def believed(connection: Connection, keys: Mapping[str, Any], on: dt.date) -> dict[str, str]:
    """Rules that `on` left in a state that can be carried on, with their fingerprints."""
    rows = connection.execute(bound(_BELIEVED, {**keys, "previous": on}))
    return {row.rule_id: row.fingerprint for row in rows}


def forget(connection: Connection, keys: Mapping[str, Any]) -> None:
    """Removes what an earlier evaluation of the same date said."""
    connection.execute(bound(_FORGET, keys))


def record_rule(connection: Connection, question: Question, fingerprint: str, result: RuleResult) -> None:
    """Writes one rule's result."""
    row = {name: value for name, value in vars(result).items() if name != "title"}
    about = {
        "county_code": question.county_code,
        "business_date": question.business_date,
        "rule_version": question.rule.spec.version,
        "fingerprint": fingerprint,
        "params": json.dumps(dict(question.params), default=str, ensure_ascii=False),
    }
    connection.execute(bound(_RULE, {**row, **about}))


def record_run(connection: Connection, keys: Mapping[str, Any], households: int, *, is_full: bool) -> None:
    """Writes the night itself."""
    row = {**keys, "households": households, "is_full": is_full, "finished_at": now()}
    connection.execute(bound(_RUN, row))

"""What each night's checks did, kept in ``consistency.run`` and ``consistency.check_run``."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from xianjie.consistency.evaluate import Question
from xianjie.dates import now
from xianjie.warehouse.questions.params import bound

_PREVIOUS = """
select max(r.business_date) from consistency.run as r
where r.county_code = :county_code and r.business_date < :business_date
"""

_LATER = """
select r.business_date from consistency.run as r
where r.county_code = :county_code and r.business_date > :business_date
order by r.business_date
"""

_LATEST = "select max(r.business_date) from consistency.run as r where r.county_code = :county_code"

_BELIEVED = """
select
    r.check_id,
    r.fingerprint
from consistency.check_run as r
where r.county_code = :county_code and r.business_date = :previous and r.status in ('ok', 'partial')
"""

_FORGET = """
delete from consistency.check_run
where county_code = :county_code and business_date = :business_date
"""

_CHECK = """
insert into consistency.check_run (
    county_code, business_date, check_id, check_version, fingerprint, params, status, reason, is_full,
    findings_open, findings_opened, findings_closed, elapsed_ms
) values (
    :county_code, :business_date, :check_id, :check_version, :fingerprint, cast(:params as jsonb), :status,
    :reason, :is_full, :findings_open, :findings_opened, :findings_closed, :elapsed_ms
)
"""

_RUN = """
insert into consistency.run (county_code, business_date, is_full, households, finished_at)
values (:county_code, :business_date, :is_full, :households, :finished_at)
on conflict (county_code, business_date) do update
set is_full = excluded.is_full, households = excluded.households, finished_at = excluded.finished_at
"""


@dataclass(frozen=True)
class CheckResult:
    """What a check did on one night: `status` ok, partial, blocked, skipped or failed, `reason` in Chinese."""

    check_id: str
    title: str
    status: str
    reason: str | None
    is_full: bool
    findings_open: int = 0
    findings_opened: int = 0
    findings_closed: int = 0
    elapsed_ms: int = 0


@dataclass(frozen=True)
class Summary:
    """The outcome of a night; `later_dates` were evaluated anew because this date was run after them."""

    business_date: dt.date
    county_code: str
    households: int
    checks: tuple[CheckResult, ...]
    later_dates: tuple[dt.date, ...] = ()

    @property
    def failed(self) -> tuple[str, ...]:
        """Checks whose SQL did not run."""
        return tuple(check.check_id for check in self.checks if check.status == "failed")

    @property
    def open(self) -> int:
        """Findings open at the end of the date."""
        return sum(check.findings_open for check in self.checks)


def previous(connection: Connection, keys: Mapping[str, Any]) -> dt.date | None:
    """The business date evaluated before this one."""
    found: dt.date | None = connection.scalar(bound(_PREVIOUS, keys))
    return found


def later(connection: Connection, keys: Mapping[str, Any]) -> tuple[dt.date, ...]:
    """The business dates evaluated after this one, in order."""
    return tuple(connection.scalars(bound(_LATER, keys)))


def latest(connection: Connection, county_code: str) -> dt.date | None:
    """The last business date evaluated."""
    found: dt.date | None = connection.scalar(bound(_LATEST, {"county_code": county_code}))
    return found


def believed(connection: Connection, keys: Mapping[str, Any], on: dt.date) -> dict[str, str]:
    """Checks that `on` left in a state that can be carried on, with their fingerprints."""
    rows = connection.execute(bound(_BELIEVED, {**keys, "previous": on}))
    return {row.check_id: row.fingerprint for row in rows}


def forget(connection: Connection, keys: Mapping[str, Any]) -> None:
    """Removes what an earlier evaluation of the same date said."""
    connection.execute(bound(_FORGET, keys))


def record_checks(
    connection: Connection, asked: Sequence[tuple[Question, str]], results: Sequence[CheckResult]
) -> None:
    """Writes what all checks did; `asked` are their questions with their fingerprints, in the same order."""
    written = [
        {
            **question.keys,
            **{name: value for name, value in vars(result).items() if name != "title"},
            "check_version": question.check.spec.version,
            "fingerprint": fingerprint,
            "params": json.dumps(dict(question.params), default=str, ensure_ascii=False),
        }
        for (question, fingerprint), result in zip(asked, results, strict=True)
    ]
    if written:
        connection.execute(text(_CHECK), written)


def record_run(connection: Connection, keys: Mapping[str, Any], households: int, *, is_full: bool) -> None:
    """Writes the night itself."""
    row = {**keys, "households": households, "is_full": is_full, "finished_at": now()}
    connection.execute(bound(_RUN, row))

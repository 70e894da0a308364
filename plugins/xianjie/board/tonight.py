"""What the page *tonight* shows: who came, where rows went, leads by town, packs and their fate."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, text

from xianjie.contract.codes import divisions
from xianjie.database.engine import Role, transaction
from xianjie.database.migrate import script
from xianjie.dates import SHANGHAI
from xianjie.reports.model import DatasetNight, PackFile
from xianjie.reports.reading import county_name
from xianjie.reports.reading.arrivals import datasets
from xianjie.reports.recipients import recipients, titles


@dataclass(frozen=True)
class Town:
    """Open leads of one township."""

    name: str
    red: int
    orange: int
    yellow: int
    new: int
    overdue: int


@dataclass(frozen=True)
class IssueLevel:
    """Open findings of the checks at one level (1 must be fixed … 5 to be explained)."""

    level: int
    open: int
    new: int
    overdue: int


@dataclass(frozen=True)
class PackState:
    """The latest edition of one recipient's pack; `revision` is None when none was built."""

    recipient: str
    title: str
    revision: int | None = None
    state: str = "unqueued"
    attempts: int = 0
    sent_at: dt.datetime | None = None
    reason: str | None = None
    files: tuple[PackFile, ...] = ()


@dataclass(frozen=True)
class Tonight:
    """One business date on the board; `dates` are those that can be picked, newest first."""

    county: str
    county_code: str
    business_date: dt.date
    dates: tuple[dt.date, ...]
    datasets: tuple[DatasetNight, ...]
    towns: tuple[Town, ...]
    packs: tuple[PackState, ...]
    issues: tuple[IssueLevel, ...] = ()

    @property
    def totals(self) -> dict[str, int]:
        """The ledger's columns summed over the datasets that were taken."""
        taken = [row for row in self.datasets if row.outcome == "accepted"]
        names = ("landed", "unchanged", "accepted", "quarantined", "merged")
        return {name: sum(getattr(row, name) or 0 for row in taken) for name in names}

    @property
    def difference(self) -> int:
        """Rows that are not accounted for; nought when the ledger balances."""
        n = self.totals
        return n["landed"] - n["unchanged"] - n["accepted"] - n["quarantined"]

    def to_json(self) -> dict[str, Any]:
        """The same as plain values, dates in ISO form."""
        return {
            "county": self.county_code,
            "business_date": self.business_date.isoformat(),
            "missing_departments": list(dict.fromkeys(r.department for r in self.datasets if r.is_missing)),
            "datasets": [asdict(row) | {"valid_pct": row.valid_pct} for row in self.datasets],
            "ledger": {**self.totals, "difference": self.difference},
            "leads": [asdict(town) for town in self.towns],
            "issues": [asdict(level) for level in self.issues],
            "packs": [asdict(pack) for pack in self.packs],
        }


def tonight(business_date: dt.date | None, county: str, language: str) -> Tonight:
    """Reads one business date; without one, the newest that anything is known of, else today.

    Raises:
        WarehouseError: the warehouse cannot be reached.
    """
    units = titles(language)
    with transaction(Role.READER) as connection:
        rows = connection.execute(text(script("reports", "board_dates.sql")), {"county": county})
        known = tuple(row.business_date for row in rows)
        day = business_date or (known[0] if known else dt.datetime.now(tz=SHANGHAI).date())
        return Tonight(
            county=county_name(county),
            county_code=county,
            business_date=day,
            dates=known,
            datasets=datasets(connection, day, county, units),
            towns=_towns(connection, day, county),
            packs=_packs(connection, day, county, language),
            issues=_issues(connection, day, county),
        )


def _towns(connection: Connection, day: dt.date, county: str) -> tuple[Town, ...]:
    names = {division.code: division.name for division in divisions(county)}
    rows = connection.execute(
        text(script("reports", "board_leads.sql")), {"county": county, "business_date": day}
    )
    return tuple(
        Town(names.get(r.town_code, r.town_code or "—"), r.red, r.orange, r.yellow, r.new, r.overdue)
        for r in rows
    )


def _issues(connection: Connection, day: dt.date, county: str) -> tuple[IssueLevel, ...]:
    rows = connection.execute(
        text(script("reports", "board_issues.sql")), {"county": county, "business_date": day}
    )
    return tuple(IssueLevel(row.level, row.open, row.new, row.overdue) for row in rows)


def _packs(connection: Connection, day: dt.date, county: str, language: str) -> tuple[PackState, ...]:
    statement = text(script("reports", "board_packs.sql"))
    built = {
        row.recipient: row for row in connection.execute(statement, {"county": county, "business_date": day})
    }
    return tuple(_pack(r.code, r.title, built.get(r.code)) for r in recipients(language))


def _pack(code: str, title: str, row: Any) -> PackState:
    if row is None:
        return PackState(code, title)
    return PackState(
        code,
        title,
        row.revision,
        row.state,
        row.attempts,
        row.sent_at.astimezone(SHANGHAI) if row.sent_at else None,
        row.reason,
        tuple(PackFile(**file) for file in row.files),
    )

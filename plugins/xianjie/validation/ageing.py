"""Ageing (未修复天数), fix rate (修复率) and recurrence (反复出现) of returned rows."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, text

from xianjie.database.migrate import script
from xianjie.validation.terms import terms


@dataclass(frozen=True)
class AgeBand:
    """Open items of a dataset that are `from_days` to `to_days` old (inclusive; null: or older)."""

    department: str
    dataset: str
    from_days: int
    to_days: int | None
    items: int
    recurring: int
    oldest_days: int


@dataclass(frozen=True)
class WeekOfRule:
    """What became of the rows whose trouble began in a week, for one rule or (null) over all of a dataset's.

    `fix_rate_pct` is `fixed` of `returned`; null where nothing was returned. Days are from the first opening to
    the correction.
    """

    department: str
    dataset: str
    rule_id: str | None
    week: dt.date
    items: int
    returned: int
    fixed: int
    at_source: int
    waived: int
    void: int
    expired: int
    still_open: int
    recurring: int
    fix_rate_pct: float | None
    median_days_to_fix: float | None


@dataclass(frozen=True)
class DepartmentRates:
    """A department's returned rows of the last weeks: what waits and since when, what was mended and how fast."""

    department: str
    open: int
    median_open_days: float | None
    oldest_open_days: int | None
    returned: int
    fixed: int
    fix_rate_pct: float | None
    median_days_to_fix: float | None
    recurring: int


def age_bands(connection: Connection, county_code: str, business_date: dt.date) -> list[AgeBand]:
    """Open items at the end of a day, by dataset and band of age."""
    ends = terms().age_bands_days
    rows = connection.execute(
        text(script("quality", "ageing.sql")),
        {"county": county_code, "business_date": business_date, "bands": list(ends)},
    )
    return [
        AgeBand(
            row.department,
            row.dataset,
            ends[row.band - 1] + 1 if row.band else 0,
            ends[row.band] if row.band < len(ends) else None,
            row.items,
            row.recurring,
            row.oldest_days,
        )
        for row in rows
    ]


def weeks(connection: Connection, county_code: str, department: str | None = None) -> list[WeekOfRule]:
    """Every week of every dataset and rule, the latest first."""
    columns = ", ".join(WeekOfRule.__dataclass_fields__)
    rows = connection.execute(
        text(
            f"select {columns} from quality.return_rates where county_code = :county"
            " and (cast(:department as text) is null or department = :department)"
            " order by week desc, department, dataset, rule_id nulls first"
        ),
        {"county": county_code, "department": department},
    )
    return [WeekOfRule(**_plain(row._asdict())) for row in rows]


def department_rates(
    connection: Connection, county_code: str, business_date: dt.date, days: int | None = None
) -> list[DepartmentRates]:
    """Each department's returned rows of the last `days` (default: as the terms say)."""
    rows = connection.execute(
        text(script("quality", "department_rates.sql")),
        {
            "county": county_code,
            "business_date": business_date,
            "days": days if days is not None else terms().rates_over_days,
        },
    )
    return [DepartmentRates(**_plain(row._asdict())) for row in rows]


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """Numbers of the database's decimal type as floats."""
    return {name: float(value) if isinstance(value, Decimal) else value for name, value in row.items()}

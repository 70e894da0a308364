"""How fast departments mend what went back: open rows and their age, fix rate, what came again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from sqlalchemy import Connection

from xianjie.reports.model import Mending
from xianjie.validation import ageing


def mending(
    connection: Connection, business_date: dt.date, county: str, titles: Mapping[str, str]
) -> tuple[Mending, ...]:
    """One row a department of which anything went back in the last weeks, those with most open rows first."""
    found = ageing.department_rates(connection, county, business_date)
    rows = [
        Mending(
            department=each.department,
            department_title=titles.get(each.department, each.department),
            open=each.open,
            median_open_days=each.median_open_days,
            oldest_open_days=each.oldest_open_days,
            returned=each.returned,
            fixed=each.fixed,
            fix_rate_pct=each.fix_rate_pct,
            median_days_to_fix=each.median_days_to_fix,
            recurring=each.recurring,
        )
        for each in found
    ]
    return tuple(sorted(rows, key=lambda row: (-row.open, row.department)))

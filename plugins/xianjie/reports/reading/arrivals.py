"""Who came: every dataset that is due, with what became of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, text

from xianjie.contract.catalogue import catalogue
from xianjie.contract.model import Contract
from xianjie.database.migrate import script
from xianjie.dates import SHANGHAI
from xianjie.reports.model import DatasetNight


def datasets(
    connection: Connection, business_date: dt.date, county: str, titles: Mapping[str, str]
) -> tuple[DatasetNight, ...]:
    """One `DatasetNight` an active contract, departments in the order of `titles`.

    A dataset without a conclusion is *pending*: nobody has said yet that it did not come.
    """
    statement = text(script("reports", "arrivals.sql"))
    found = {
        (row.department, row.dataset): row
        for row in connection.execute(statement, {"county": county, "business_date": business_date})
    }
    order = list(titles)
    contracts = sorted(catalogue().active(), key=lambda c: (_place(order, c.department), c.code))
    return tuple(_dataset(c, found.get((c.department, c.dataset)), titles) for c in contracts)


def _place(order: list[str], department: str) -> int:
    return order.index(department) if department in order else len(order)


def _dataset(contract: Contract, row: Any, titles: Mapping[str, str]) -> DatasetNight:
    known: dict[str, Any] = {"outcome": "pending"} if row is None else _told(row)
    return DatasetNight(
        department=contract.department,
        department_title=titles.get(contract.department, contract.department_title),
        dataset=contract.dataset,
        code=contract.code,
        title=contract.title,
        deadline=contract.arrival_deadline,
        cutoff=contract.cutoff,
        **known,
    )


def _told(row: Any) -> dict[str, Any]:
    told = {
        "outcome": row.outcome,
        "error_code": row.error_code,
        "reason": row.reason,
        "is_late": row.is_late,
        "arrived_at": row.arrived_at.astimezone(SHANGHAI) if row.arrived_at else None,
        "landed": row.landed_rows,
    }
    if row.outcome != "accepted":  # counts of a delivery that was not taken say nothing about the warehouse
        return told
    return told | {
        name: getattr(row, name) for name in ("unchanged", "accepted", "quarantined", "warned", "merged")
    }

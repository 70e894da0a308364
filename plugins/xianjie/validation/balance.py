"""Ledger (台账): every landed row is unchanged, accepted or quarantined. Counted, not assumed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from xianjie.contract.model import Contract
from xianjie.database.engine import Role, transaction
from xianjie.database.migrate import script
from xianjie.errors import LedgerError
from xianjie.landing import CHANGED, Delivery, Diff, Origin, work_folder
from xianjie.validation.sieve import Sieved, rows_in


@dataclass(frozen=True)
class LedgerRow:
    """The numbers of one delivery, in rows.

    `landed` = `unchanged` + `accepted` + `quarantined`. `warned` and `withdrawn` are parts of `accepted`;
    `absent` are records of the base that a full delivery no longer has; `merged` is null until the warehouse
    merged it, `verdict` null when the delivery could not be judged.
    """

    county_code: str
    department: str
    dataset: str
    business_date: dt.date
    delivery_id: str
    base_id: str | None
    verdict: str | None
    landed: int
    unchanged: int
    accepted: int
    quarantined: int
    warned: int
    absent: int
    withdrawn: int
    merged: int | None = None
    origin: Origin = "pull"


def balanced(contract: Contract, delivery: Delivery, diff: Diff, sieved: Sieved) -> LedgerRow:
    """The ledger row of a delivery, its counts taken from the files that hold the rows.

    Raises:
        LedgerError: rows in are not rows accounted for; nothing was published.
    """
    landed, changed = rows_in(delivery.data_path), rows_in(work_folder(delivery) / CHANGED)
    parts = {
        "清单行数与落地行数": (delivery.rows, landed),
        "比对行数与落地行数": (diff.landed, landed),
        "落地行数与未变化、变化行数之和": (diff.landed, diff.unchanged + changed),
        "变化行数与接收、退回行数之和": (changed, sieved.accepted_rows + sieved.quarantined_rows),
    }
    wrong = [f"{name}不符（{left} ≠ {right}）" for name, (left, right) in parts.items() if left != right]
    if wrong:
        raise LedgerError(
            f"{contract.title}行数台账不平：{'；'.join(wrong)}",
            data="本次交付未裁定、未入库",
            next_command=f"xianjie ledger --date {delivery.business_date}",
        )
    return LedgerRow(
        delivery.county_code,
        delivery.department,
        delivery.dataset,
        delivery.business_date,
        delivery.delivery_id,
        diff.base_ids[-1] if diff.base_ids else None,
        None,
        diff.landed,
        diff.unchanged,
        sieved.accepted_rows,
        sieved.quarantined_rows,
        sieved.warned_rows,
        diff.absent,
        sieved.withdrawn_rows,
        origin=delivery.origin,
    )


def write(connection: Connection, row: LedgerRow, checked_at: dt.datetime) -> None:
    """Enters or replaces a delivery's ledger row; what the warehouse wrote into ``merged`` stays."""
    values: dict[str, Any] = {name: getattr(row, name) for name in LedgerRow.__dataclass_fields__}
    connection.execute(text(script("quality", "write_ledger.sql")), values | {"checked_at": checked_at})
    connection.execute(text(script("quality", "current_delivery.sql")), values)


def ledger(business_date: dt.date, county_code: str) -> list[LedgerRow]:
    """The current ledger rows of a night, one a dataset, by department and dataset.

    Raises:
        LedgerError: a row does not balance, or does not agree with what the landing recorded.
    """
    return _read("read_ledger.sql", business_date, county_code)


def returns_ledger(business_date: dt.date, county_code: str) -> list[LedgerRow]:
    """The ledger rows of answers and of rows judged again on a date, one a delivery, in order of arrival.

    Raises:
        LedgerError: as `ledger` does.
    """
    return _read("read_ledger_of_ours.sql", business_date, county_code)


def _read(name: str, business_date: dt.date, county_code: str) -> list[LedgerRow]:
    with transaction(Role.PIPELINE) as connection:
        found = (
            connection.execute(
                text(script("quality", name)),
                {"county": county_code, "business_date": business_date},
            )
            .mappings()
            .all()
        )
    wrong = [r["delivery_id"] for r in found if not r["is_balanced"]]
    if wrong:
        raise LedgerError(
            f"行数台账不平：{'、'.join(wrong)}", next_command=f"xianjie ledger --date {business_date} --json"
        )
    return [LedgerRow(**{name: row[name] for name in LedgerRow.__dataclass_fields__}) for row in found]

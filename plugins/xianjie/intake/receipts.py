"""Receipts (回执): one row in ``ops.receipt`` for every pull, whatever came of it."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import asdict, dataclass, field
from typing import Literal

from sqlalchemy import text

from xianjie.database.engine import transaction

Outcome = Literal["landed", "empty", "absent", "failed"]

_INSERT = text("""
    insert into ops.receipt (
        receipt_id, county_code, department, dataset, business_date, outcome, error_code, reason, delivery_id,
        rows_read, bytes_read, sha256, window_from, window_to, attempt, started_at, finished_at
    ) values (
        :receipt_id, :county_code, :department, :dataset, :business_date, :outcome, :error_code, :reason,
        :delivery_id, :rows_read, :bytes_read, :sha256, :window_from, :window_to, :attempt, :started_at,
        :finished_at
    )
""")


@dataclass(frozen=True)
class Receipt:
    """One row of ``ops.receipt``; `reason` is Chinese and free of values from rows."""

    county_code: str
    department: str
    dataset: str
    business_date: dt.date
    outcome: Outcome
    started_at: dt.datetime
    finished_at: dt.datetime
    attempt: int = 1
    error_code: str | None = None
    reason: str | None = None
    delivery_id: str | None = None
    rows_read: int = 0
    bytes_read: int = 0
    sha256: str | None = None
    window_from: str | None = None
    window_to: str | None = None
    receipt_id: uuid.UUID = field(default_factory=uuid.uuid4)


def write(receipt: Receipt) -> str:
    """Stores the receipt and returns its id."""
    with transaction() as connection:
        connection.execute(_INSERT, asdict(receipt))
    return str(receipt.receipt_id)

"""Decisions on conflicts: the source changes it (改源), the warehouse does (改库), nothing is to be changed."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection

from xianjie.consistency import runs
from xianjie.consistency.errors import SettlementError
from xianjie.dates import now
from xianjie.warehouse.questions.params import bound

Result = Literal["source", "warehouse", "none"]
RESULTS: dict[str, Result] = {"改源": "source", "改库": "warehouse", "无需修改": "none"}

_FIND = """
select
    f.check_id,
    f.entity_id,
    f.evidence_hash,
    f.first_found_on
from consistency.finding as f
where f.county_code = :county_code and f.finding_id = :finding_id and f.closed_on is null
for update
"""

_SETTLE = """
insert into consistency.settlement (
    county_code, finding_id, check_id, entity_id, evidence_hash, result, decided_on, decided_by, why, decided_at
) values (
    :county_code, :finding_id, :check_id, :entity_id, :evidence_hash, :result, :decided_on, :decided_by, :why,
    :decided_at
)
"""

_CLOSE = """
update consistency.finding as f
set closed_on = :decided_on, closed_reason = 'no_change'
where f.county_code = :county_code and f.finding_id = :finding_id
"""


@dataclass(frozen=True)
class Settled:
    """A decision as it was kept; `is_closed` when nothing is to be changed."""

    finding_id: str
    check_id: str
    result: Result
    decided_on: dt.date
    is_closed: bool


def settle(
    connection: Connection,
    county_code: str,
    finding_id: uuid.UUID,
    *,
    result: Result,
    by: str,
    why: str,
    on: dt.date | None = None,
) -> Settled:
    """Keeps a decision on an open conflict; 无需修改 closes it until its evidence changes.

    The other results leave it open: it closes by itself once the data agrees. `on` is a business date, the
    latest evaluated one by default.

    Raises:
        SettlementError: no such open conflict on that day, no reason given, or no night evaluated yet.
    """
    decided_on = on or runs.latest(connection, county_code)
    if decided_on is None:
        raise SettlementError("还没有做过数据核查", next_command="xianjie night run --date YYYY-MM-DD")
    if not why.strip():
        raise SettlementError("请写明理由", next_command="xianjie conflict list")
    found = _open(connection, county_code, finding_id, decided_on)
    values = {
        "county_code": county_code,
        "finding_id": finding_id,
        "check_id": found.check_id,
        "entity_id": found.entity_id,
        "evidence_hash": found.evidence_hash,
        "result": result,
        "decided_on": decided_on,
        "decided_by": by,
        "why": why.strip(),
        "decided_at": now(),
    }
    connection.execute(bound(_SETTLE, values))
    is_closed = result == "none"
    if is_closed:
        connection.execute(bound(_CLOSE, values))
    return Settled(str(finding_id), found.check_id, result, decided_on, is_closed)


def _open(connection: Connection, county_code: str, finding_id: uuid.UUID, on: dt.date) -> Any:
    row = connection.execute(
        bound(_FIND, {"county_code": county_code, "finding_id": finding_id})
    ).one_or_none()
    if row is None or row.first_found_on > on:
        raise SettlementError("没有这条未销号的问题", next_command="xianjie conflict list")
    return row

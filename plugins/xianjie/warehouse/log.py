"""Takes one delivery into a dataset's log and projection, inside the caller's transaction.

The first delivery of a county fills new partitions; any later one costs what it changes: its rows are copied,
and the history of the records they name is projected anew.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import duckdb
from sqlalchemy import Connection

from xianjie.contract.derive import table_columns
from xianjie.contract.model import Contract
from xianjie.database import partitions
from xianjie.database.columnar import columnar, identifier, literal
from xianjie.database.transfer import copy_in
from xianjie.identity import Linked
from xianjie.landing import ABSENT, Delivery, load_diff, work_folder
from xianjie.warehouse.dataset import LOG_COLUMNS
from xianjie.warehouse.statements import run

_ROOM_TO_CLOSE = 85
_ANALYZED = ("record_key", "change_id", "subject_token", "placed_by")


@dataclass(frozen=True)
class Head:
    """How far a dataset's log has come, and the recording time of what is added now."""

    last_change_id: int
    recorded_at: dt.datetime


def lock_head(connection: Connection, county_code: str, department: str, dataset: str) -> Head:
    """Locks a dataset's log against other merges until the transaction ends."""
    who: dict[str, Any] = {"county": county_code, "department": department, "dataset": dataset}
    run(connection, "changes", "new_head", **who)
    run(connection, "changes", "lock_head", **who)
    row = run(connection, "changes", "read_head", **who).one()
    return Head(row.last_change_id, row.recorded_at)


def move_head(connection: Connection, county_code: str, department: str, dataset: str, head: Head) -> None:
    """Records how far a log has come and when."""
    run(
        connection, "changes", "move_head", county=county_code, department=department, dataset=dataset,
        last_change_id=head.last_change_id, recorded_at=head.recorded_at,
    )  # fmt: skip


def take(connection: Connection, contract: Contract, delivery: Delivery, linked: Linked, head: Head) -> int:
    """Appends a delivery's rows and absences to the log and projects them; returns how many were absent.

    Change numbers follow the delivery's row numbers, absences come after them.
    """
    county = delivery.county_code
    if partitions.exists(connection, f"changes.{contract.table}", county):
        absent, last = _append(connection, contract, delivery, linked, head)
    else:
        absent, last = 0, head.last_change_id + delivery.rows
        _fill(connection, contract, delivery, linked, head)
    move_head(connection, county, contract.department, contract.dataset, Head(last, head.recorded_at))
    return absent


def _fill(connection: Connection, contract: Contract, delivery: Delivery, linked: Linked, head: Head) -> None:
    """The first load: straight into new partitions, which are indexed when they are full."""
    log, history, county = f"changes.{contract.table}", f"history.{contract.table}", delivery.county_code
    columns = _log_columns(contract)
    with columnar() as duck:
        with partitions.fresh(connection, log, county, analyzed=_analyzed(contract)) as fresh:
            rows = f"select * from ({_rows(contract, delivery, linked, head)}) where op <> 'W'"
            copy_in(duck, rows, connection, fresh, columns, freeze=True)
        superseded = _superseded(duck, delivery, linked, head)
    with partitions.fresh(connection, history, county, fillfactor=_ROOM_TO_CLOSE) as fresh:
        run(
            connection,
            "history",
            "first",
            contract,
            into=f"insert into {fresh}",
            county=county,
            superseded=superseded,
        )


def _append(
    connection: Connection, contract: Contract, delivery: Delivery, linked: Linked, head: Head
) -> tuple[int, int]:
    """Any later load; returns absent records and the last change number."""
    run(connection, "changes", "stage", contract)
    with columnar() as duck:
        copy_in(duck, _rows(contract, delivery, linked, head), connection, "incoming", _log_columns(contract))
        if delivery.mode == "full":
            source = literal(str(work_folder(delivery) / ABSENT))
            copy_in(duck, f"select _key from read_parquet({source})", connection, "gone", ("record_key",))
    named: dict[str, Any] = {"county": delivery.county_code, "business_date": delivery.business_date}
    run(connection, "changes", "standing", contract, **named)
    run(connection, "changes", "append", contract)
    last = head.last_change_id + delivery.rows
    absent = run(
        connection, "changes", "absences", contract, **named, last_change_id=last, recorded_at=head.recorded_at,
        delivery=delivery.delivery_id,
    ).rowcount  # fmt: skip
    for step in ("timeline", "close", "open"):
        run(connection, "history", step, contract, county=delivery.county_code, recorded_at=head.recorded_at)
    return absent, last + absent


def _analyzed(contract: Contract) -> tuple[str, ...]:
    """What rows are joined by, and the days and months that questions are about."""
    days = (column.name for column in table_columns(contract) if column.pg_type == "date")
    return (*_ANALYZED, *filter(None, (contract.household,)), *days)


def _log_columns(contract: Contract) -> tuple[str, ...]:
    return (*LOG_COLUMNS, *(column.name for column in table_columns(contract)))


def _rows(contract: Contract, delivery: Delivery, linked: Linked, head: Head) -> str:
    """The linked rows as rows of the log, a DuckDB query."""
    theirs = "".join(f", {identifier(column.name)}" for column in table_columns(contract))
    return (
        f"select {head.last_change_id} + source_row as change_id, {literal(delivery.county_code)} as county_code,"
        f" record_key, {literal(delivery.business_date.isoformat())} as business_date,"
        f" {literal(head.recorded_at.isoformat())} as recorded_at, op, row_hash,"
        f" {literal(delivery.delivery_id)} as delivery_id, source_row, subject_token, placed_by{theirs}"
        f" from ({linked.query})"
    )


def _superseded(
    duck: duckdb.DuckDBPyConnection, delivery: Delivery, linked: Linked, head: Head
) -> list[int]:
    """Change numbers of rows that a later row of the same delivery replaces; mostly none."""
    diff = load_diff(delivery)
    if diff is not None and not diff.duplicate:
        return []
    found = duck.execute(f"""
        with upsert as (
            select record_key, source_row from ({linked.query}) where op <> 'W'
        ),
        repeated as (
            select record_key, max(source_row) as last_row from upsert group by record_key having count(*) > 1
        )
        select {head.last_change_id} + source_row
        from upsert join repeated using (record_key) where source_row < last_row
    """).fetchall()
    return [number for (number,) in found]

"""Delivering a plan: land it, link its answers to it, judge it. A killed run finds what it had landed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, text

from xianjie import validation
from xianjie.contract.catalogue import catalogue
from xianjie.contract.model import Contract, FieldKind
from xianjie.database.engine import transaction
from xianjie.database.migrate import script
from xianjie.landing import Delivery, Origin, Original, load, publish
from xianjie.privacy import mask_name, redact
from xianjie.reports.protect import scrub
from xianjie.returns.plan import Link, Plan
from xianjie.returns.rows import Landed, cause, landed, table
from xianjie.returns.run import Run
from xianjie.validation.terms import terms


def deliver(run: Run, plan: Plan) -> None:
    """Lands, links and judges a plan; with nothing to land it only notes the answers that were left."""
    if not plan.rows:
        with transaction() as connection:
            _note_left(connection, run, plan)
        return
    delivery = _landed_once(run, plan)
    with transaction() as connection:
        _link(connection, run, plan, delivery, landed(delivery))
        _note_left(connection, run, plan)
    validation.check(catalogue().get(plan.contract.id), delivery.delivery_id)


def land_once(
    contract: Contract, rows_of: Plan, *, on: dt.date, county_code: str, origin: Origin, why: str,
    name: str, originals: Iterable[Original] = (),
) -> Delivery:  # fmt: skip
    """The delivery of these rows for this cause (`why`): the one that stands already, or a new one."""
    with transaction() as connection:
        there = connection.scalar(
            text("select delivery_id from ops.delivery where county_code = :county and cause = :cause"),
            {"county": county_code, "cause": why},
        )
    if there is not None:
        return load(there)
    return publish(
        contract,
        on,
        [table(contract, rows_of.rows, name)],
        mode="delta",
        county_code=county_code,
        originals=tuple(originals),
        origin=origin,
        cause=why,
    )


def _landed_once(run: Run, plan: Plan) -> Delivery:
    contract, source = plan.contract, run.source
    answered = sorted(f"{link.taken.item.row_id} {link.taken.answer.decision}" for link in plan.links)
    return land_once(
        contract,
        plan,
        on=run.business_date,
        county_code=run.county_code,
        origin="returns",
        why=cause("returns", source.file_sha256, contract.id, contract.version, *answered),
        name=source.file_name,
        originals=[Original(source.file_name, source.path, source.file_sha256)] if source.path else (),
    )


def _link(connection: Connection, run: Run, plan: Plan, delivery: Delivery, rows: list[Landed]) -> None:
    for link in plan.links:
        row = rows[link.row]
        _enter(
            connection,
            run,
            plan.contract,
            link,
            {
                "delivery": delivery.delivery_id,
                "source_row": row.source_row,
                "new_op": row.op,
                "new_key": row.key,
                "new_hash": row.hash,
                "business_date": delivery.business_date,
                "landed_at": delivery.landed_at,
            },
        )
        if link.waived:
            reason = _kept_reason(plan.contract, link.taken.answer.reason, plan.rows[link.row].values)
            _waive(connection, run, link, delivery, reason)


def _note_left(connection: Connection, run: Run, plan: Plan) -> None:
    nothing = dict.fromkeys(("delivery", "source_row", "new_op", "new_key", "new_hash", "landed_at"))
    for taken, _ in plan.left:
        values = nothing | {"business_date": run.business_date}
        _enter(connection, run, plan.contract, Link(taken, -1), values)


def _enter(
    connection: Connection, run: Run, contract: Contract, link: Link, delivered: dict[str, object]
) -> None:
    answer, item = link.taken.answer, link.taken.item
    connection.execute(
        text(script("quality", "enter_correction.sql")),
        {
            "county": run.county_code,
            "sha256": run.source.file_sha256,
            "row": item.row_id,
            "department": contract.department,
            "dataset": contract.dataset,
            "decision": answer.decision,
            "record_key": item.record_key,
            "row_hash": item.row_hash,
            "item_delivery": item.delivery_id,
            "item_row": item.source_row,
            "sheet": answer.sheet,
            "line": answer.line,
            "fields": sorted(answer.values) if answer.decision == "correct" else [],
            "by": redact(run.source.by) if run.source.by else None,
        }
        | delivered,
    )


def _kept_reason(contract: Contract, reason: str, values: Mapping[str, str | None]) -> str:
    """A reason without the names that stand in its row, and without anybody's numbers."""
    kept = scrub(reason.strip())
    for field in contract.fields:
        name = (values.get(field.name) or "").strip()
        if field.kind is FieldKind.NAME and name:
            kept = kept.replace(name, mask_name(name) or "")
    return kept


def _waive(connection: Connection, run: Run, link: Link, delivery: Delivery, reason: str) -> None:
    """Enters the waiver an answer asks for; a row that is only said to be right after all needs none."""
    rules = [name for name in link.waived if not name.endswith(".row.recurring")]
    if not rules:
        return
    until = run.source.until or delivery.business_date + dt.timedelta(days=terms().waiver_days)
    named, source = link.taken.named, run.source
    connection.execute(
        text(script("quality", "enter_waiver.sql")),
        {
            "county": run.county_code,
            "department": delivery.department,
            "dataset": delivery.dataset,
            "record_key": named.record_key,
            "row": link.taken.item.row_id,
            "rules": rules,
            "reason": reason,
            "by": redact(source.by or source.department),
            "valid_from": delivery.business_date,
            "valid_until": until,
            "moment": run.started_at,
        },
    )

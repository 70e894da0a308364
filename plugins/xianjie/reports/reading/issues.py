"""Findings of the checks, with their evidence put into words and every person masked."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Connection, text

from xianjie.consistency import Check, checks
from xianjie.contract.catalogue import catalogue
from xianjie.database.migrate import script
from xianjie.reports.issues import IdleCheck, Issue
from xianjie.reports.reading.leads import Names, evidence_text
from xianjie.reports.words import Words


def issues(connection: Connection, business_date: dt.date, county: str, w: Words) -> tuple[Issue, ...]:
    """Findings open at the end of `business_date`, and those closed in its month."""
    values = {"county": county, "business_date": business_date}
    rows = connection.execute(text(script("reports", "issues.sql")), values).all()
    names = Names(connection, business_date, county, [row for row in rows if row.household_id])
    known = {check.id: check for check in checks()}
    titles = {contract.id: contract.title for contract in catalogue()}
    return tuple(_issue(row, known.get(row.check_id), names, titles, business_date, w) for row in rows)


def idle_checks(connection: Connection, business_date: dt.date, county: str) -> tuple[IdleCheck, ...]:
    """Checks that were skipped, blocked, partial or failed tonight."""
    values = {"county": county, "business_date": business_date}
    known = {check.id: check.spec for check in checks()}
    return tuple(
        IdleCheck(row.check_id, spec.title, spec.owner, row.status, row.reason or "")
        for row in connection.execute(text(script("reports", "check_nights.sql")), values)
        if (spec := known.get(row.check_id)) is not None
    )


def _issue(  # noqa: PLR0917
    row: Any, check: Check | None, names: Names, titles: dict[str, str], on: dt.date, w: Words
) -> Issue:
    is_village = row.entity_kind == "village"
    persons = [row.person_id] if row.person_id else []
    senders = dict.fromkeys(name for name in (row.dataset, row.other_dataset) if name)
    return Issue(
        check_id=row.check_id,
        title=check.spec.title if check else row.check_id,
        level=row.level,
        department=row.owner,
        town=names.place(row.town_code),
        village=names.place(row.village_code),
        household_no="" if is_village else names.number(row.household_id),
        name_masked="" if is_village else names.subject(row.household_id, persons),
        id_masked=names.id_end(row.person_id) if row.person_id else "",
        senders=tuple(titles.get(name, name) for name in senders),
        evidence=evidence_text(row.dataset, row.evidence, on, w),
        fix=check.spec.fix if check else "",
        first_found_on=row.first_found_on,
        due_on=row.due_on,
        is_open=row.is_open,
        is_new=row.is_new,
        is_overdue=row.is_overdue,
        result=row.result,
        closed_on=row.closed_on,
        closed_reason=row.closed_reason,
    )

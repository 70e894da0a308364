"""Findings as people look for them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection

from xianjie.consistency.checks import checks
from xianjie.warehouse.questions.params import bound

_OPEN = """
select
    f.finding_id::text as finding_id,
    f.check_id,
    f.level,
    f.owner,
    f.entity_kind,
    f.household_id,
    f.village_code,
    f.dataset,
    f.record_key::text as record_key,
    f.other_dataset,
    f.other_record_key::text as other_record_key,
    f.first_found_on,
    f.due_on,
    f.is_overdue,
    f.result
from consistency.findings(:county_code, :business_date) as f
where f.is_open and (:owner = '' or f.owner = :owner) and (:check_id = '' or f.check_id = :check_id)
order by f.level, f.due_on, f.check_id, f.finding_id
limit :most
"""


@dataclass(frozen=True)
class OpenFinding:
    """An open finding: keys of the entity and of both source rows, never a name."""

    finding_id: str
    check_id: str
    title: str
    level: int
    owner: str
    entity_kind: str
    household_id: str | None
    village_code: str | None
    dataset: str | None
    record_key: str | None
    other_dataset: str | None
    other_record_key: str | None
    first_found_on: dt.date
    due_on: dt.date
    is_overdue: bool
    result: str | None


def open_findings(
    connection: Connection,
    county_code: str,
    business_date: dt.date,
    *,
    owner: str = "",
    check_id: str = "",
    most: int = 1000,
) -> tuple[OpenFinding, ...]:
    """Findings open at the end of a business date, most serious first; empty texts leave nothing out."""
    titles = {check.id: check.spec.title for check in checks()}
    values = {
        "county_code": county_code,
        "business_date": business_date,
        "owner": owner,
        "check_id": check_id,
        "most": most,
    }
    rows = connection.execute(bound(_OPEN, values)).mappings()
    return tuple(OpenFinding(**row, title=titles.get(row["check_id"], row["check_id"])) for row in rows)

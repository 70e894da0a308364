"""Reading what became of returned rows: for the command line and whoever shows it. No value of a row."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from xianjie.database.engine import Role, transaction
from xianjie.database.migrate import script
from xianjie.returns.errors import NoSuchItemError
from xianjie.validation import ageing


@dataclass(frozen=True)
class OpenItem:
    """One row that waits for an answer."""

    row_id: uuid.UUID
    kind: str
    department: str
    dataset: str
    state: str
    opened_on: dt.date
    first_opened_on: dt.date
    age_days: int
    tries: int
    is_recurring: bool
    returned_on: dt.date | None
    delivery_id: str
    source_file: str | None
    source_line: int | None
    rules: tuple[str, ...]


@dataclass(frozen=True)
class Story:
    """All that happened to one returned row, each part as plain dictionaries; `lineage` is oldest first."""

    item: dict[str, Any]
    findings: list[dict[str, Any]]
    lineage: list[dict[str, Any]]
    answers: list[dict[str, Any]]
    waivers: list[dict[str, Any]]


@dataclass(frozen=True)
class Statistics:
    """Returned rows in numbers: by department now, by age, by rule and week."""

    business_date: dt.date
    departments: list[ageing.DepartmentRates]
    ages: list[ageing.AgeBand]
    weeks: list[ageing.WeekOfRule]


def open_items(county_code: str, business_date: dt.date) -> list[OpenItem]:
    """The rows that waited at the end of a day, the oldest first."""
    with transaction(Role.READER) as connection:
        rows = _rows(connection, "list_items.sql", county=county_code, business_date=business_date)
    return [OpenItem(**row | {"rules": tuple(row["rules"])}) for row in rows]


def story(county_code: str, row_id: uuid.UUID) -> Story:
    """One row's story.

    Raises:
        NoSuchItemError: there is no such row.
    """
    who = {"county": county_code, "row": row_id}
    with transaction(Role.READER) as connection:
        lineage = _rows(connection, "item_lineage.sql", **who)
        item = next((each for each in lineage if each["row_id"] == row_id), None)
        if item is None:
            raise NoSuchItemError("没有这条退回数据", next_command="xianjie quarantine list")
        rows = [each["row_id"] for each in lineage]
        return Story(
            item,
            _rows(connection, "item_findings.sql", **who),
            lineage,
            _rows(connection, "item_answers.sql", county=county_code, rows=rows),
            _rows(connection, "item_waivers.sql", county=county_code, rows=rows),
        )


def statistics(county_code: str, business_date: dt.date, department: str | None = None) -> Statistics:
    """Ageing, fix rate and recurrence, of all departments or one."""
    with transaction(Role.READER) as connection:
        rates = ageing.department_rates(connection, county_code, business_date)
        ages = ageing.age_bands(connection, county_code, business_date)
        weeks = ageing.weeks(connection, county_code, department)
    return Statistics(
        business_date,
        [each for each in rates if department in (None, each.department)],
        [each for each in ages if department in (None, each.department)],
        weeks,
    )


def _rows(connection: Connection, name: str, **values: object) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(text(script("quality", name)), values).mappings()]

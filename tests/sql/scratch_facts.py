"""A warehouse whose facts are plain rows with the real columns, so that rules and indicators run unchanged.

A row of a case may say `from` and `to`: business dates between which it shows. A member of the register has an ID
number unless the row says ``id_number_token: null``.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, text

from xianjie.contract.catalogue import catalogue
from xianjie.contract.derive import table_columns
from xianjie.database.engine import Role, acting_as, transaction

COUNTY = "639900"
VILLAGE = "639900100200"
_NAMES = uuid.UUID("6f9619ff-8b86-d011-b42d-00cf4fc964ff")

_COMMON = (
    "county_code text, person_id uuid, household_id text, village_code text, town_code text, "
    "record_key uuid, change_id bigint, delivery_id text, source_row bigint, valid_from date"
)
_SHARED = {
    "person": "name_masked text, id_masked text, sex text, birth_date date, birth_date_by_id date, "
    "relation text, is_base boolean, basis text, is_provisional boolean",
    "household": "household_no text, hh_type text, mo_type text, size bigint, head_name_masked text, "
    "is_base boolean",
}
_GRANT = "in schema facts grant all on tables to xianjie_pipeline"
_VIEW = """
create view facts.{name} as select * from facts.{name}_rows
where shown_from <= core.business_date() and shown_to > core.business_date()
"""
_OURS = (
    "monitoring.hit",
    "monitoring.lead",
    "monitoring.wake",
    "ops.conclusion",
    "quality.quarantined_row",
    "core.household",
    "core.identity_conflict",
    "core.affected_household",
    "monitoring.run",
    "monitoring.rule_run",
    "ops.diff_base",
    "consistency.finding",
    "consistency.settlement",
    "consistency.run",
    "consistency.wake",
    "consistency.check_run",
    "accountability.value",
    "accountability.publication",
    "accountability.indicator_run",
)
_FILLED = {
    "monitoring.hit": {
        "rule_version": "1",
        "severity": "橙",
        "evidence": "{}",
        "valid_to": "infinity",
        "family": "就业",
        "dataset": "education.enrolment",
    },
    "monitoring.lead": {
        "rule_version": "1",
        "rule_id": "R-HOU-01",
        "severity": "橙",
        "family": "住房",
        "hit_count": 1,
        "route": "village",
        "departments": "{housing}",
    },
    "core.identity_conflict": {
        "department": "rural_revitalisation",
        "dataset": "persons",
        "delivery_id": "d",
        "business_date": "2026-09-21",
    },
    "consistency.finding": {
        "check_version": "1",
        "entity_kind": "household",
        "level": 1,
        "module": "coverage",
        "owner": "rural_revitalisation",
        "evidence": "{}",
        "dataset": "rural_revitalisation.households",
        "due_on": "2026-09-30",
    },
    "ops.conclusion": {"concluded_at": "2026-09-21 22:00+08", "is_late": False},
    "quality.quarantined_row": {
        "first_opened_on": "2026-09-21",
        "contract_version": "1.0.0",
        "business_date": "2026-09-21",
        "source_line": 5,
    },
}
_KEYS = {
    "consistency.finding": ("finding_id", "evidence_hash", "entity_id"),
    "monitoring.hit": ("hit_id", "hit_key", "row_hash"),
    "monitoring.lead": ("lead_id",),
    "quality.quarantined_row": ("row_id", "row_hash"),
}
_PERIOD = {"from": "shown_from", "to": "shown_to"}
_KEYED_BY_RECORD = ("quality.quarantined_row", "consistency.finding")


def key(name: str | None) -> uuid.UUID | None:
    """A stable key for a short name in a case."""
    return None if name is None else uuid.uuid5(_NAMES, name)


def install() -> None:
    """Replaces the views of the schema facts in the module's database by plain tables."""
    with transaction(Role.OWNER) as connection:
        shown = connection.scalars(text("select viewname from pg_views where schemaname = 'facts'")).all()
        for name in shown:
            connection.execute(text(f"drop view if exists facts.{name} cascade"))
        connection.execute(text(f"alter default privileges {_GRANT}"))
        for name, columns in _tables():
            shown = "shown_from date default '-infinity', shown_to date default 'infinity'"
            connection.execute(text(f"create table facts.{name}_rows ({columns}, {shown})"))
            connection.execute(text(_VIEW.format(name=name)))
        for table in ("household", "person", "membership"):
            partition = f"core.{table}_scratch partition of core.{table} for values in ('{COUNTY}')"
            connection.execute(text(f"create table {partition}"))


def _tables() -> Iterable[tuple[str, str]]:
    for name, extra in _SHARED.items():
        yield name, f"{_COMMON}, {extra}"
    for contract in catalogue():  # also those of departments that are not connected
        own = [f'"{column.name}" {column.pg_type}' for column in table_columns(contract)]
        yield contract.table, ", ".join([_COMMON, *own])


def clear(connection: Connection) -> None:
    """Empties everything a case fills."""
    names = [f"facts.{name}_rows" for name, _ in _tables()]
    with acting_as(connection, Role.OWNER):
        connection.execute(text(f"drop table if exists accountability.evidence_c{COUNTY}"))
    for table in (*names, *_OURS):
        connection.execute(text(f"delete from {table}"))


def fill(connection: Connection, on: dt.date, tables: Mapping[str, Iterable[Mapping[str, Any]]]) -> None:
    """Inserts the rows of a case; short names become keys, what a case leaves out gets a default."""
    number = 0
    households = set()
    for name, rows in tables.items():
        table = name if name in _KEYS or name in _FILLED else f"facts.{name.replace('.', '_')}_rows"
        for row in rows:
            number += 1
            values = _row(table, on, number, row)
            households.add(values.get("household_id"))
            listed = ", ".join(f'"{column}"' for column in values)
            bound = ", ".join(f":{column}" for column in values)
            connection.execute(text(f"insert into {table} ({listed}) values ({bound})"), values)
    for household in sorted(filter(None, households)):
        connection.execute(
            text(
                "insert into core.household (county_code, household_id, anchor, basis)"
                " values (:county, :household, :anchor, 'base') on conflict do nothing"
            ),
            {"county": COUNTY, "household": household, "anchor": key(household)},
        )


def _row(table: str, on: dt.date, number: int, row: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {"county_code": COUNTY, **_FILLED.get(table, {})}
    given = {_PERIOD.get(name, name): value for name, value in row.items()}
    if "person" in given:
        values["person_id"] = key(given.pop("person"))
    if "household" in given:
        values["household_id"] = given.pop("household")
    if table == "core.identity_conflict":
        values["record_key"] = key(given.pop("record"))
    if table.startswith("facts.") or table in _KEYED_BY_RECORD:
        record = key(given.pop("record", f"{table}/{number}"))
        values |= {"record_key": record, "delivery_id": "d", "source_row": number}
    if table.startswith("facts."):
        values |= {"village_code": VILLAGE, "town_code": VILLAGE[:9], "change_id": number, "valid_from": on}
    if table == "facts.rural_revitalisation_persons_rows" and values.get("person_id"):
        values["id_number_token"] = values["person_id"]
    made = {column: key(f"{table}/{number}/{column}") for column in _KEYS.get(table, ())}
    return values | made | given


def everyone(connection: Connection) -> None:
    """Puts every household of the case in scope, as a full evaluation would."""
    from xianjie.warehouse.questions import scope
    from xianjie.warehouse.questions.framework import framework

    scope.prepare(connection)
    scope.clear(connection)
    scope.settle(connection, scope.EVERYONE, COUNTY, framework())


def arrived(connection: Connection, on: dt.date, *, without: Iterable[str] = ()) -> None:
    """Says that every dataset came and was merged on a date, except those of the departments `without`."""
    for contract in catalogue().active():
        came = contract.department not in without
        values = {
            "county": COUNTY,
            "department": contract.department,
            "dataset": contract.dataset,
            "on": on,
            "outcome": "accepted" if came else "absent",
        }
        connection.execute(text(_CONCLUDED), values)
        if came:
            connection.execute(text(_MERGED), values)


def touched(connection: Connection, on: dt.date, *households: str) -> None:
    """Says which households a night changed."""
    for household in households:
        connection.execute(text(_TOUCHED), {"county": COUNTY, "on": on, "household": household})


_CONCLUDED = """
insert into ops.conclusion (county_code, department, dataset, business_date, outcome, concluded_at)
values (:county, :department, :dataset, :on, :outcome, now())
on conflict (county_code, business_date, department, dataset) do update set outcome = excluded.outcome
"""
_TOUCHED = """
insert into core.affected_household values (:county, :on, :household) on conflict do nothing
"""
_MERGED = """
insert into ops.diff_base (county_code, department, dataset, business_date, delivery_ids, recorded_at)
values (:county, :department, :dataset, :on, '{d}', now()) on conflict do nothing
"""

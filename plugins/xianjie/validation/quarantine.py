"""Quarantine (退回数据): the rows that go back, each with every rule it breaks, and what becomes of them.

One cause is one record with one content, and has at most one open item. Seen again unchanged, the item stays
as it is. It ends as

* ``superseded``: an accepted delivery brought a good row of the same record;
* ``replaced``: the record came back with other content that is bad again (its own item is open);
* ``gone``: the record was withdrawn, or a full delivery no longer has it;
* ``corrected``, then ``accepted``: the office's answer passed, then was merged; ``waived``, ``void``: it
  answered that the row is true as it is, or should not exist; ``expired``: nobody answered in time.

Only accepted deliveries count. Warned rows live alike in ``quality.warned_row``. Only positions, keyed hashes
and rule ids enter the database; the values stay in the landing.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb
from sqlalchemy import Connection, text

from xianjie.contract.model import Rule
from xianjie.database.columnar import columnar, literal
from xianjie.database.migrate import script
from xianjie.database.transfer import copy_in
from xianjie.landing import ABSENT, Delivery, work_folder
from xianjie.validation.sieve import Sieved

# Table; the outcome that keeps an item open; the outcomes that mean the record is good now.
_TABLES: tuple[tuple[str, str, list[str]], ...] = (
    ("quarantined_row", "quarantined", ["accepted", "warned"]),
    ("warned_row", "warned", ["accepted"]),
)
_STAGED = ("stage_row", "stage_finding", "stage_touched", "stage_rule")
_ROW = ("kind", "row_id", "record_key", "row_hash", "copies", "source_file", "source_line", "source_row")
_TOUCHED = ("record_key", "row_hash", "outcome")


def record(
    connection: Connection, delivery: Delivery, rules: tuple[Rule, ...], sieved: Sieved | None
) -> None:
    """Enters a delivery's rows and closes the items it settles; running again replaces.

    `sieved` is null for a delivery that is not accepted: then what it may have entered and closed before is
    taken back. Runs in the caller's transaction.
    """
    who = {
        "county": delivery.county_code,
        "department": delivery.department,
        "dataset": delivery.dataset,
        "delivery": delivery.delivery_id,
        "business_date": delivery.business_date,
        "version": delivery.contract_version,
        "is_accepted": sieved is not None,
    }
    with columnar() as duck:
        kinds = _label(duck, delivery, sieved) if sieved is not None else set()
        has_items = _has_items(connection, who)
        concerned = [each for each in _TABLES if each[1] in kinds or each[0] in has_items]
        if delivery.is_own and not concerned:
            return
        _run(connection, "stage.sql")
        if sieved is not None:
            is_touched = bool(has_items) or not delivery.is_own
            _stage(connection, duck, delivery, rules, sieved if is_touched else None)
    if not delivery.is_own:
        _run(connection, "confirm_answers.sql", values=who)
    for step in ("settle_rows.sql", "record_rows.sql"):
        for table, kept, good in concerned:
            _run(connection, step, {"$table": table}, who | {"kept": kept, "good": good})
    _run(connection, "record_findings.sql", values=who)
    if not delivery.is_own:
        _run(connection, "refresh_findings.sql", values=who)


def _run(
    connection: Connection,
    name: str,
    words: dict[str, str] | None = None,
    values: dict[str, Any] | None = None,
) -> None:
    """Runs a script statement by statement; `words` are table names of ours, `values` are bound."""
    sql = script("quality", name)
    for word, replacement in (words or {}).items():
        sql = sql.replace(word, replacement)
    for statement in filter(str.strip, sql.split(";\n")):
        connection.execute(text(statement), values or {})


def _stage(
    connection: Connection,
    duck: duckdb.DuckDBPyConnection,
    delivery: Delivery,
    rules: tuple[Rule, ...],
    touching: Sieved | None,
) -> None:
    """Copies the labelled rows, their rules and the records that are touched into the temporary tables."""
    copy_in(duck, f"select {', '.join(_ROW)} from item", connection, "stage_row", _ROW)
    broken = "select row_id, unnest(rules) from item"
    copy_in(duck, broken, connection, "stage_finding", ("row_id", "rule_id"))
    if touching is not None:
        touched = _touched(touching, work_folder(delivery) / ABSENT)
        copy_in(duck, touched, connection, "stage_touched", _TOUCHED)
    named = [
        {
            "id": r.id,
            "severity": r.severity,
            "field": ",".join(r.fields),
            "title": r.title,
            "fix": r.fix,
            "number": r.external_number,
            "level": r.level,
        }
        for r in rules
    ]
    if named:
        connection.execute(
            text("insert into stage_rule values (:id, :severity, :field, :title, :fix, :number, :level)"),
            named,
        )
    for table in _STAGED:
        connection.execute(text(f"analyze {table}"))


def _label(duck: duckdb.DuckDBPyConnection, delivery: Delivery, sieved: Sieved) -> set[str]:
    """The table ``item``: one row a cause, exact repeats with their number of copies; returns its kinds."""
    duck.execute(
        f"""
        create temp table item as
        with flagged as (
            select 'quarantined' as kind, _row, _file, _line, _key, _hash, _rules as rules
            from read_parquet({literal(str(sieved.quarantined))})
            union all
            select 'warned', _row, _file, _line, _key, _hash, _warnings
            from read_parquet({literal(str(sieved.accepted))}) where len(_warnings) > 0
        )
        select kind, md5(? || ':' || min(_row))::uuid as row_id, _key as record_key, _hash as row_hash,
            count(*) as copies, arg_min(_file, _row) as source_file, arg_min(_line, _row) as source_line,
            min(_row) as source_row, list_distinct(flatten(list(rules))) as rules
        from flagged group by kind, _key, _hash
        """,
        [delivery.delivery_id],
    )
    return {kind for (kind,) in duck.execute("select distinct kind from item").fetchall()}


def _touched(sieved: Sieved, absent: Path) -> str:
    """What this delivery says of each record it changes: good, warned, bad, withdrawn or absent."""
    return f"""
        select _key, _hash, case when _op = 'D' then 'withdrawn' when len(_warnings) > 0 then 'warned'
            else 'accepted' end
        from read_parquet({literal(str(sieved.accepted))})
        union all
        select record_key, row_hash, kind from item where kind = 'quarantined'
        union all
        select _key, null, 'absent' from read_parquet({literal(str(absent))})
    """


def _has_items(connection: Connection, who: dict[str, Any]) -> set[str]:
    """The tables with an item of the dataset that this delivery entered, or may settle."""
    asked = ", ".join(
        f"exists (select 1 from quality.{table} where county_code = :county and department = :department"
        " and dataset = :dataset and (delivery_id = :delivery or closed_on is null or closed_by = :delivery"
        " or state = 'expired'))"
        for table, _, _ in _TABLES
    )
    found = connection.execute(text(f"select {asked}"), who).one()
    return {table for (table, _, _), has_any in zip(_TABLES, found, strict=True) if has_any}


def mark_returned(
    connection: Connection,
    county_code: str,
    row_ids: Iterable[uuid.UUID],
    workbook_id: uuid.UUID,
    on: dt.date,
) -> int:
    """Marks open items as returned (已退回): they stand in the workbook that goes out; returns how many did.

    The first day counts; an item that goes out again keeps it and names the last workbook.
    """
    return sum(
        connection.execute(
            text(
                f"update quality.{table} set state = 'returned', workbook_id = :workbook,"
                " returned_on = coalesce(returned_on, :on)"
                " where county_code = :county and row_id = any(:rows) and closed_on is null"
            ),
            {"county": county_code, "rows": list(row_ids), "workbook": workbook_id, "on": on},
        ).rowcount
        for table, _, _ in _TABLES
    )


def replace_counts(connection: Connection, delivery: Delivery, counts: Iterable[tuple[Rule, int]]) -> None:
    """How many changed rows broke each rule, for every judged delivery."""
    who = {
        "county": delivery.county_code,
        "delivery": delivery.delivery_id,
        "department": delivery.department,
        "dataset": delivery.dataset,
        "business_date": delivery.business_date,
    }
    connection.execute(
        text("delete from quality.rule_count where county_code = :county and delivery_id = :delivery"), who
    )
    rows = [who | {"rule": rule.id, "severity": rule.severity, "rows": number} for rule, number in counts]
    if rows:
        connection.execute(
            text(
                "insert into quality.rule_count values "
                "(:county, :delivery, :department, :dataset, :business_date, :rule, :severity, :rows)"
            ),
            rows,
        )


def note_merged(connection: Connection, county_code: str) -> int:
    """Corrected items whose correction the warehouse has merged are accepted (已入库); returns how many are."""
    return sum(
        connection.execute(
            text(
                f"update quality.{table} as item set state = 'accepted' from ops.delivery as d"
                " where item.county_code = :county and item.state = 'corrected'"
                " and item.closed_by = d.delivery_id and d.merged_at is not null"
            ),
            {"county": county_code},
        ).rowcount
        for table, _, _ in _TABLES
    )

"""Nights: the clean county of a date, what every department would deliver that evening, and the truth.

Everything lies below one folder::

    base/<dataset>.parquet              the county before the first night
    nights/<date>/clean/…               the county of that date, as it really is
    nights/<date>/held/…                the same as the departments hold it: with damage, stamps, repeats
    nights/<date>/believed/…            what the warehouse should hold after that night (late deliveries in)
    nights/<date>/events.jsonl          the day's scripted events

A night depends on the night before, back to the first; missing ones are made on the way.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path

import duckdb

from demo import calendar, dirt
from demo.book import contracts
from demo.calendar import FIRST_NIGHT
from demo.days import day_query, month_query
from demo.events import happen
from demo.population import County, dataset_query, engine, people_macros, people_tables
from xianjie.contract.model import Contract

LATE_COMMIT = "LC"


def night_folder(county: County, day: dt.date) -> Path:
    """Where a night's files lie."""
    return county.folder / "nights" / day.isoformat()


def make_night(county: County, day: dt.date) -> Path:
    """Makes the night of `day` (and those before it) unless it is there; returns its folder.

    Raises:
        ValueError: the date lies before the first night.
    """
    if day < FIRST_NIGHT:
        raise ValueError(f"the demo county begins on {FIRST_NIGHT}")
    folder = night_folder(county, day)
    is_made = (folder / "complete").exists()
    if is_made and all((folder / "held" / f"{contract.id}.parquet").exists() for contract in contracts()):
        return folder
    if day > FIRST_NIGHT and not (night_folder(county, day - dt.timedelta(days=1)) / "complete").exists():
        make_night(county, day - dt.timedelta(days=1))
    shutil.rmtree(folder, ignore_errors=True)
    for part in ("clean", "held"):
        (folder / part).mkdir(parents=True)
    with engine(county.folder) as connection:
        people_macros(connection, county.seed)
        _live_through(connection, county, day)
        for contract in contracts():
            _hold(connection, county, contract, day)
    (folder / "complete").touch()
    return folder


def _live_through(connection: duckdb.DuckDBPyConnection, county: County, day: dt.date) -> None:
    before = county.base if day == FIRST_NIGHT else night_folder(county, day - dt.timedelta(days=1)) / "clean"
    new = [contract for contract in contracts() if not (before / f"{contract.id}.parquet").exists()]
    _begin(connection, county, new)
    for contract in (contract for contract in contracts() if contract not in new):
        source = f"'{before / contract.id}.parquet'"
        query = f"select * from {source}" if day == FIRST_NIGHT else day_query(contract, source, day)
        connection.execute(f"create table {contract.table} as {query}")
        if more := month_query(contract, source, day):
            connection.execute(f"insert into {contract.table} by name {more}")
    events = happen(connection, day)
    folder = night_folder(county, day)
    for contract in contracts():
        connection.execute(
            f"copy (select * from {contract.table} order by _key) "
            f"to '{folder}/clean/{contract.id}.parquet' (format parquet)"
        )
    lines = "".join(json.dumps(event.row(), ensure_ascii=False) + "\n" for event in events)
    (folder / "events.jsonl").write_text(lines, encoding="utf-8")


def _begin(connection: duckdb.DuckDBPyConnection, county: County, new: list[Contract]) -> None:
    """Datasets that were switched on since the night before begin with the county as it first was."""
    if new:
        people_tables(connection, county.people, county.seed)
    for contract in new:
        connection.execute(f"create table {contract.table} as {dataset_query(contract)}")


def _hold(connection: duckdb.DuckDBPyConnection, county: County, contract: Contract, day: dt.date) -> None:
    """Writes what the department holds: fields as delivered, and columns of ours for truth and stamps."""
    path = night_folder(county, day) / "held" / f"{contract.id}.parquet"
    if calendar.content(day, contract.id) == "identical":
        shutil.copyfile(night_folder(county, day - dt.timedelta(days=1)) / "held" / path.name, path)
        return
    connection.execute(f"copy ({held_query(contract, contract.table, day)}) to '{path}' (format parquet)")


def held_query(contract: Contract, source: str, day: dt.date) -> str:
    """Rows as the department holds them, ordered by key, with columns of ours for truth and stamps.

    ``_content`` is a hash of the row as it must be understood (harmless damage undone), so two nights
    compare.
    """
    fields = [f"{dirt.delivered_sql(contract, field.name)} as {field.name}" for field in contract.fields]
    meant = [dirt.delivered_sql(contract, field.name, harmful_only=True) for field in contract.fields]
    faults = " ".join(
        f"when '{damage.kind}' then ['{contract.code}.{damage.field}.{damage.faults[0]}']"
        for damage in dirt.damages(contract)
        if damage.faults
    )
    warnings = " ".join(
        f"when '{damage.kind}' then ['{contract.code}.{damage.warns[0]}']"
        for damage in dirt.damages(contract)
        if damage.warns
    )
    columns = ", ".join(f"d.{field.name}" for field in contract.fields)
    content = ", ".join(f"coalesce({text}, '~')" for text in meant)
    late = f"and not (starts_with(_key, '{LATE_COMMIT}') and _since = date '{day}')"
    repeated = (
        ""
        if contract.source.connector in ("http", "sql")
        else f"union all select d.*, 2 from damaged as d where {dirt.is_repeated_sql('d._key')}"
    )
    return f"""
        with drawn as (
            select *, {dirt.kind_sql(contract, day)} as _damage, {dirt.changed_sql(day)} as _changed_on,
                _key = min(_key) filter (not starts_with(_key, '{LATE_COMMIT}')) over () as _is_first
            from {source} where true {late}
        ), damaged as (
            select _key, _person, _hh, _deleted, _damage,
                if(_is_first, greatest(_changed_on, date '{FIRST_NIGHT}'), _changed_on) as _changed_on,
                case
                    when _is_first then 118 when starts_with(_key, '{LATE_COMMIT}') then 65
                    else hash(_key, 'minute') % 90 + 20
                end as _minute,
                coalesce(case _damage {faults or "when '' then []"} end, []) as _row_faults,
                coalesce(case _damage {warnings or "when '' then []"} end, []) as _row_warnings,
                md5(concat_ws('|', {content}, _deleted)) as _content,
                {", ".join(fields)}
            from drawn
        ), repeated as (
            select d.*, 1 as _copy from damaged as d {repeated}
        )
        select d._key, d._person, d._hh, d._deleted, d._damage, d._row_faults, d._row_warnings, d._content,
            d._changed_on,
            d._copy, d._changed_on::timestamp + to_hours(18) + to_minutes(d._minute::bigint) as _updated_at,
            {columns}
        from repeated as d
        order by d._key, d._copy
    """

"""Tables and views of a dataset, made from its contract; a contract that grows makes them grow.

``changes.<table>`` is the wide, typed, append-only log, ``history.<table>`` its narrow bitemporal projection,
``facts.<table>`` the two joined as of a day, with the household each row belongs to.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from sqlalchemy import Connection, text

from xianjie.contract.catalogue import catalogue
from xianjie.contract.derive import Column, table_columns
from xianjie.contract.model import Contract
from xianjie.database.columnar import identifier, literal
from xianjie.database.engine import Role, transaction
from xianjie.database.migrate import script
from xianjie.identity import is_household_certain, is_placed_by_either
from xianjie.warehouse.errors import DatasetShapeError
from xianjie.warehouse.statements import run

LOG_COLUMNS = {
    "change_id": "bigint not null",
    "county_code": "text not null",
    "record_key": "uuid not null",
    "business_date": "date not null",
    "recorded_at": "timestamptz not null",
    "op": "text not null check (op in ('U', 'A', 'W', 'C'))",
    "row_hash": "uuid",
    "delivery_id": "text not null",
    "source_row": "bigint",
    "subject_token": "uuid",
    "placed_by": "uuid",
}
FACT_COLUMNS = (
    "county_code", "person_id", "household_id", "village_code", "town_code", "record_key", "change_id",
    "delivery_id", "source_row", "valid_from",
)  # fmt: skip
BASE_REGISTER = ("rural_revitalisation.persons", "rural_revitalisation.households")
_SHARED_VIEWS = ("person", "household")
_LOCK = 7_305_122


def ensure(contracts: Iterable[Contract] | None = None) -> None:
    """Brings tables and views of the active contracts up to date; changes nothing when they are."""
    wanted = tuple(contracts if contracts is not None else catalogue().active())
    with transaction(Role.OWNER) as connection:
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        for contract in wanted:
            ensure_dataset(connection, contract)


def ensure_dataset(connection: Connection, contract: Contract) -> None:
    """Creates or extends one dataset's tables and its view; the role must be the owner.

    The views ``facts.person`` and ``facts.household`` appear with the base register's.

    Raises:
        DatasetShapeError: a column changed its type, or is named like one of ours.
    """
    columns = table_columns(contract)
    _refuse_reserved(contract, columns)
    present = _present(connection, contract)
    if not present:
        _create(connection, contract, columns)
    else:
        _extend(connection, contract, columns, present)
    below = _SHARED_VIEWS if contract.id in BASE_REGISTER else ()
    _show(connection, contract.table, _view(contract, columns), below)
    if below and _has_base_register(connection):
        for name in below:
            _show(connection, name, script("facts", f"{name}.sql"))


def is_ready(connection: Connection, contract: Contract) -> bool:
    """Whether the dataset has its tables."""
    return bool(_present(connection, contract))


def _refuse_reserved(contract: Contract, columns: Iterable[Column]) -> None:
    taken = sorted({column.name for column in columns} & {*LOG_COLUMNS, *FACT_COLUMNS})
    if taken:
        raise DatasetShapeError(
            f"{contract.title}的字段名与系统列重名: {', '.join(taken)}",
            next_command=f"xianjie contract lint {contract.id}",
        )


def _present(connection: Connection, contract: Contract) -> dict[str, str]:
    """Columns the log has, with their types."""
    rows = connection.execute(
        text(
            "select attname, format_type(atttypid, atttypmod) from pg_attribute"
            " where attrelid = to_regclass(:name) and attnum > 0 and not attisdropped"
        ),
        {"name": f"changes.{contract.table}"},
    )
    return {row.attname: row.format_type for row in rows}


def _create(connection: Connection, contract: Contract, columns: Iterable[Column]) -> None:
    own = (f"{name} {kind}" for name, kind in LOG_COLUMNS.items())
    theirs = (f"{identifier(column.name)} {column.pg_type}" for column in columns)
    log, table = f"changes.{contract.table}", contract.table
    connection.execute(
        text(f"create table {log} ({', '.join((*own, *theirs))}) partition by list (county_code)")
    )
    for column in ("change_id", "record_key", *_looked_up(contract)):
        connection.execute(text(f"create index {table}_{column} on {log} ({identifier(column)})"))
    run(connection, "history", "create", contract)


def _looked_up(contract: Contract) -> tuple[str, ...]:
    """Columns of the log that rows are found by, from a person or a household."""
    wanted = {
        "subject_token": contract.subject is not None,
        "placed_by": is_placed_by_either(contract),
        str(contract.household): is_household_certain(contract),
    }
    return tuple(column for column, is_wanted in wanted.items() if is_wanted)


def _extend(
    connection: Connection, contract: Contract, columns: Iterable[Column], present: dict[str, str]
) -> None:
    for column in columns:
        if column.name not in present:
            connection.execute(
                text(
                    f"alter table changes.{contract.table}"
                    f" add column {identifier(column.name)} {column.pg_type}"
                )
            )
        elif present[column.name] != column.pg_type:
            raise DatasetShapeError(
                f"{contract.title}的「{column.label}」类型由 {present[column.name]} 改为 {column.pg_type}",
                data="数据表与数据未改动, 类型变化需要迁移",
                next_command=f"xianjie contract diff {contract.id}",
            )


def _view(contract: Contract, columns: Iterable[Column]) -> str:
    """The view's definition: log rows that stand, with person, household and village."""
    certain, division = is_household_certain(contract), contract.division
    household = f"c.{identifier(str(contract.household))}" if certain else "p.household_id"
    village = ", ".join(
        filter(None, (f"c.{identifier(division)}" if division else "", "" if certain else "p.village_code"))
    )
    shown = "".join(f",\n    c.{identifier(column.name)}" for column in columns)
    return f"""create view facts.{contract.table} as
select
    c.county_code,
    coalesce(a.person_id, c.subject_token) as person_id,
    {household} as household_id,
    coalesce({village or "null::text"}) as village_code,
    left(coalesce({village or "null::text"}), 9) as town_code,
    c.record_key,
    c.change_id,
    c.delivery_id,
    c.source_row,
    h.valid_from{shown}
from changes.{contract.table} as c
inner join history.{contract.table} as h
    on c.change_id = h.change_id and c.county_code = h.county_code
left join core.person_alias as a
    on c.subject_token = a.token and c.county_code = a.county_code and {_known("a")}
{"" if certain else _placing(contract)}where {_stands("h")}
"""


def _placing(contract: Contract) -> str:
    """The join that finds the household: by person, or by whatever places the row."""
    if is_placed_by_either(contract):
        # A union has no statistics: of its rows the planner expects far too many for a few households, and four
        # comparisons it cannot judge bring that near the truth.
        return _join("core.placement", "c.placed_by = p.anchor", _held("p"))
    return _join("core.membership", "c.subject_token = p.person_id", _stands("p"))


def _join(source: str, match: str, condition: str) -> str:
    return f"left join {source} as p\n    on {match} and c.county_code = p.county_code and {condition}\n"


def _stands(alias: str) -> str:
    """`_held` as one expression, of which the planner expects that every second row fulfils it.

    Of four comparisons with values it does not know it would expect one row in eighty, whatever the statistics
    say, and then join large results in nested loops.
    """
    return f"coalesce({_held(alias)}, false)"


def _held(alias: str) -> str:
    """Whether a row stood on the day asked about, as known at the moment asked about.

    The settings are read in subqueries, once a query: read for each row they cost fifteen times what everything
    else about the row does.
    """
    day = "(select core.business_date())"
    return f"{alias}.valid_from <= {day} and {alias}.valid_to > {day} and {_known(alias)}"


def _known(alias: str) -> str:
    moment = "(select core.known_on())"
    return f"{alias}.known_from <= {moment} and {alias}.known_to > {moment}"


def _show(connection: Connection, name: str, definition: str, below: Iterable[str] = ()) -> None:
    """Creates a view anew when its definition changed; those `below` it are dropped with it."""
    mark = hashlib.sha256(definition.encode()).hexdigest()
    former = connection.scalar(text("select obj_description(to_regclass(:name))"), {"name": f"facts.{name}"})
    if former == mark:
        return
    for each in (*below, name):
        connection.execute(text(f"drop view if exists facts.{each}"))
    connection.execute(text(definition))
    connection.execute(text(f"comment on view facts.{name} is {literal(mark)}"))


def _has_base_register(connection: Connection) -> bool:
    return all(
        connection.scalar(text("select to_regclass(:name)"), {"name": f"facts.{name.replace('.', '_')}"})
        is not None
        for name in BASE_REGISTER
    )

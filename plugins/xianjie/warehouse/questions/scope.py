"""Which households are looked at: those that changed, and those for whom only time has passed.

Rules and indicators join the temporary view ``scope(household_id)``; its base tables live for one
transaction. ``evaluated(household_id)`` is the same without the restriction to a population.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from xianjie.warehouse.questions.framework import Framework
from xianjie.warehouse.questions.params import bound

ALL = "ALL"
TONIGHT = "scope_night"
EVERYONE = "scope_all"


@dataclass(frozen=True, eq=False)
class Scope:
    """The rows of a base table, `TONIGHT` or `EVERYONE`, as COPY writes them: to give to other sessions."""

    base: str
    rows: bytes


_TABLES = """
create temporary table if not exists scope_household (household_id text primary key) on commit drop;
create temporary table if not exists scope_night
(household_id text primary key, populations text []) on commit drop;
create temporary table if not exists scope_all
(household_id text primary key, populations text []) on commit drop;
"""

_CHANGED = """
insert into scope_household
select a.household_id from core.affected_household as a
where a.county_code = :county_code and a.business_date > :previous and a.business_date <= :business_date
on conflict do nothing
"""

# What is in `target` already was settled for the same business date. In the key's order rows go in twice as fast,
# here and in the sessions they are copied to.
_MEMBERS = """
insert into {target}
select s.household_id, coalesce(p.populations, '{{}}')
from {source} as s
left join ({populations}) as p on s.household_id = p.household_id
where not exists (select 1 from {target} as t where t.household_id = s.household_id)
order by s.household_id
"""

# The rows in COPY's binary form, as one value: COPY itself hands them over one by one.
_HEAD, _END = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"
_COPIED = """
select coalesce(string_agg(
    int2send(2::int2)
    || int4send(octet_length(s.household_id)) || textsend(s.household_id)
    || int4send(octet_length(array_send(s.populations))) || array_send(s.populations), ''::bytea
), '')
from {base} as s
"""

# As an array, which the register's index is read by.
_GATHERED = " and h.household_id = any(array(select g.household_id from scope_household as g))"

_ALL = "(select h.household_id from core.household as h where h.county_code = :county_code)"


def prepare(connection: Connection) -> None:
    """Creates the empty temporary tables of this transaction."""
    for statement in _TABLES.split(";")[:-1]:
        connection.execute(text(statement))


def changed(connection: Connection, keys: Mapping[str, Any]) -> None:
    """Adds the households the warehouse touched after `previous`, up to `business_date`."""
    connection.execute(bound(_CHANGED, keys))


def clear(connection: Connection) -> None:
    """Empties what was settled for another business date; the households gathered stay."""
    connection.execute(text(f"truncate {TONIGHT}, {EVERYONE}"))


def settle(connection: Connection, target: str, county_code: str, frame: Framework) -> int:
    """Adds to `target` who is not in it yet, with populations; returns how many there are.

    `TONIGHT` takes the households gathered, `EVERYONE` all there are or were.
    """
    source, populations = _ALL, _populations(connection, frame)
    if target == TONIGHT:
        connection.execute(text("analyze scope_household"))
        source, populations = "scope_household", populations + _GATHERED
    members = _MEMBERS.format(target=target, source=source, populations=populations)
    connection.execute(bound(members, {"county_code": county_code}))
    connection.execute(text(f"analyze {target}"))
    return int(connection.scalar(text(f"select count(*) from {target}")) or 0)


def use(connection: Connection, base: str, population: Sequence[str]) -> None:
    """Points the views ``scope`` and ``evaluated`` at a base table and a population."""
    codes = ", ".join(f"'{code}'" for code in population)
    narrow = "" if ALL in population else f" where populations && array[{codes}]"
    for name, condition in (("scope", narrow), ("evaluated", "")):
        connection.execute(
            text(f"create or replace temporary view {name} as select household_id from {base}{condition}")
        )


def copy(connection: Connection, base: str) -> Scope:
    """The households in `base` with their populations."""
    return Scope(base, _HEAD + bytes(connection.scalar(text(_COPIED.format(base=base)))) + _END)


def _populations(connection: Connection, frame: Framework) -> str:
    """A subquery household_id, populations; empty while the base register has never come."""
    table = f"facts.{frame.populations.dataset.replace('.', '_')}"
    if connection.scalar(bound("select to_regclass(:name)", {"name": table})) is None:
        return "select h.household_id, null::text[] as populations from core.household as h where false"
    cases = ", ".join(
        f"case when {group.holds_when} then '{group.code}' end" for group in frame.populations.populations
    )
    return (
        f"select h.household_id, array_remove(array[{cases}], null) as populations from {table} as h"
        " where h.county_code = :county_code"
    )

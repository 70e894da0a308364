"""A county's partition of a table partitioned by ``county_code``.

A partition that is filled by the transaction which creates it skips the WAL (where ``wal_level`` allows),
needs no vacuum and gets its indexes in one sort each, when it is attached.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection, text

from xianjie.database.columnar import identifier, literal
from xianjie.database.engine import Role, acting_as

# Joins are estimated from the statistics of the parent, which nothing else ever collects; analyzing it takes
# its partitions along.
_IS_SAMPLED = """
select exists (
    select 1 from pg_stats where schemaname || '.' || tablename = :parent and inherited
)
"""


def name_of(parent: str, county_code: str) -> str:
    """The partition's name; `parent` is schema-qualified."""
    return f"{parent}_c{county_code}"


def exists(connection: Connection, parent: str, county_code: str) -> bool:
    """Whether the county has a partition in `parent`."""
    return (
        connection.scalar(text("select to_regclass(:name)"), {"name": name_of(parent, county_code)})
        is not None
    )


@contextmanager
def fresh(
    connection: Connection,
    parent: str,
    county_code: str,
    *,
    analyzed: Sequence[str] = (),
    fillfactor: int = 100,
    owner: Role = Role.OWNER,
) -> Iterator[str]:
    """Yields the name of a new, bare partition to fill; at the end it is attached, indexed and analyzed.

    The caller's role fills it; `owner`, who owns `parent`, makes and attaches it.

    Args:
        analyzed: the columns the planner has to know of; all when empty.
        fillfactor: percentage of each page to fill; the rest is for rows that will be updated in place.
    """
    partition, county = name_of(parent, county_code), literal(county_code)
    with acting_as(connection, owner):
        connection.execute(
            text(
                f"create table {partition} (like {parent} including defaults including constraints,"
                f" constraint one_county check (county_code = {county})) with (fillfactor = {fillfactor})"
            )
        )
    yield partition
    columns = f" ({', '.join(map(identifier, ('county_code', *analyzed)))})" if analyzed else ""
    with acting_as(connection, owner):
        connection.execute(
            text(f"alter table {parent} attach partition {partition} for values in ({county})")
        )
        connection.execute(text(f"alter table {partition} drop constraint one_county"))
        connection.execute(text("set local default_statistics_target = 20"))
        is_sampled = connection.scalar(text(_IS_SAMPLED), {"parent": parent})
        connection.execute(text(f"analyze {partition if is_sampled else parent}{columns}"))
        connection.execute(text("set local default_statistics_target to default"))

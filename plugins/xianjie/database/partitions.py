"""A county's partition of a table partitioned by ``county_code``.

A partition that is filled by the transaction which creates it skips the WAL (where ``wal_level`` allows),
needs no vacuum and gets its indexes in one sort each, when it is attached.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

from xianjie.database.columnar import literal


def name_of(parent: str, county_code: str) -> str:
    """The partition's name; `parent` is schema-qualified."""
    return f"{parent}_c{county_code}"


def exists(connection: Connection, parent: str, county_code: str) -> bool:
    """Whether the county has a partition in `parent`."""
    return connection.scalar(text("select to_regclass(:name)"), {"name": name_of(parent, county_code)}) is not None


def ensure(connection: Connection, parent: str, county_code: str) -> None:
    """Creates the county's empty partition if it is not there; the role must own `parent`."""
    if not exists(connection, parent, county_code):
        connection.execute(
            text(
                f"create table if not exists {name_of(parent, county_code)} partition of {parent}"
                f" for values in ({literal(county_code)})"
            )
        )


@contextmanager
def fresh(connection: Connection, parent: str, county_code: str) -> Iterator[str]:
    """Yields the name of a new, bare partition to fill; attaches and indexes it at the end.

    The role must own `parent`, and the county must have no partition yet.
    """
    partition, county = name_of(parent, county_code), literal(county_code)
    connection.execute(text(f"create table {partition} (like {parent} including defaults)"))
    yield partition
    connection.execute(text(f"alter table {partition} add constraint one_county check (county_code = {county})"))
    connection.execute(text(f"alter table {parent} attach partition {partition} for values in ({county})"))
    connection.execute(text(f"alter table {partition} drop constraint one_county"))

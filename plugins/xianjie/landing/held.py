"""Records that stand although no row of theirs is delivered: corrected ones whose key was wrong.

A department's system goes on delivering the old row under the old key after its office has corrected it. As
long as it does, the corrected record is held: its absence from a full delivery says nothing.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb


@dataclass(frozen=True)
class Held:
    """A confirmed correction that changed a record's key: what it replaced, and the record it made."""

    old_key: uuid.UUID
    old_hash: uuid.UUID
    new_key: uuid.UUID
    new_hash: uuid.UUID


def tell(connection: duckdb.DuckDBPyConnection, held: Sequence[Held]) -> None:
    """The table ``held`` (old_key, old_hash, new_key, new_hash) of this connection."""
    connection.execute(
        "create or replace temp table held (old_key uuid, old_hash uuid, new_key uuid, new_hash uuid)"
    )
    if held:
        connection.executemany(
            "insert into held values (?, ?, ?, ?)",
            [(each.old_key, each.old_hash, each.new_key, each.new_hash) for each in held],
        )


def with_held_sql(standing: str) -> str:
    """`standing` (_key, _hash, _op) and the held records of the rows in it; asks the table ``held``."""
    return f"""
        with standing as ({standing})
        select _key, _hash, _op from standing
        union all
        select distinct held.new_key, held.new_hash, 'U'
        from held
        where exists (from standing where _key = held.old_key and _hash = held.old_hash)
            and not exists (from standing where _key = held.new_key)
    """


def is_held_sql(rows: str, key: str) -> str:
    """Whether `key` is a record held by one of `rows` (a relation with _key and _hash)."""
    return (
        f"exists (from held join {rows} as bearer on bearer._key = held.old_key and bearer._hash = held.old_hash"
        f" where held.new_key = {key})"
    )

"""The SQL of this stage, kept under ``include/sql``; ``this_dataset`` in it is the dataset's table."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, CursorResult, TextClause, text

from xianjie.contract.model import Contract
from xianjie.database.migrate import script


@lru_cache(maxsize=512)
def _statements(
    schema: str, name: str, words: tuple[tuple[str, str], ...], into: str
) -> tuple[TextClause, ...]:
    sql = into + script(schema, f"{name}.sql")
    for word, meaning in words:
        sql = sql.replace(word, meaning)
    return tuple(text(each) for each in sql.split(";\n") if each.strip())


def run(
    connection: Connection,
    schema: str,
    name: str,
    contract: Contract | None = None,
    /,
    *,
    into: str = "",
    words: Mapping[str, str] | None = None,
    **values: Any,
) -> CursorResult[Any]:
    """Executes ``include/sql/<schema>/<name>.sql`` with bound `values`; returns the last statement's result.

    Args:
        into: what goes before a query to keep its rows: ``insert into …`` or ``create table … as``.
        words: names in the script, and the tables of ours they stand for.
    """
    meant = (*_words(contract), *(words or {}).items())
    *before, last = _statements(schema, name, meant, f"{into}\n" if into else "")
    for each in before:
        connection.execute(each, values)
    return connection.execute(last, values)


def _words(contract: Contract | None) -> tuple[tuple[str, str], ...]:
    """What stands for a dataset's own names in the SQL."""
    if contract is None:
        return ()
    columns = {"o.this_household_no": contract.household, "o.this_division": contract.division}
    return (
        ("this_dataset", contract.table),
        *((word, f"o.{name}" if name else "null::text") for word, name in columns.items()),
    )

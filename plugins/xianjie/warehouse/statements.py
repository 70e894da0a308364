"""The SQL of this stage, kept under ``include/sql``; ``this_dataset`` in it is the dataset's table."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, CursorResult, TextClause, text

from xianjie.contract.model import Contract
from xianjie.database.migrate import script

_TABLE, _HOUSEHOLD = "this_dataset", "this_household_no"


@lru_cache(maxsize=512)
def statement(schema: str, name: str, contract: Contract | None = None) -> TextClause:
    """The statement of ``include/sql/<schema>/<name>.sql``, for a dataset when one is given."""
    sql = script(schema, f"{name}.sql")
    if contract is not None:
        number = f"o.{contract.household}" if contract.household else "null::text"
        sql = sql.replace(_TABLE, contract.table).replace(f"o.{_HOUSEHOLD}", number)
    return text(sql)


def run(
    connection: Connection, schema: str, name: str, contract: Contract | None = None, /, **values: Any
) -> CursorResult[Any]:
    """Executes such a statement with bound `values`."""
    return connection.execute(statement(schema, name, contract), values)

"""Reading a delivery under today's contract, which may have fields that it is older than."""

from __future__ import annotations

from collections.abc import Iterable

from xianjie.database.columnar import identifier, literal
from xianjie.landing.delivery import Delivery


def delivered_sql(delivery: Delivery, fields: Iterable[str]) -> str:
    """The rows of a delivery, a FROM item for DuckDB; of `fields` those it does not have are null."""
    columns = ", ".join(f"null::varchar as {identifier(name)}" for name in fields)
    return f"(from read_parquet({literal(delivery.data_path)}) union all by name (select {columns} limit 0))"

"""The civil affairs bureau: tables of a relational database, read with an account that may only read.

The DDL is SQLAlchemy's and valid for PostgreSQL and MariaDB. Most columns are text, as in a system that
grew over twenty years; ``updated_at`` is local time, ``is_deleted`` marks withdrawn rows.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
from sqlalchemy import (
    Column,
    DateTime,
    Engine,
    Index,
    MetaData,
    Numeric,
    SmallInteger,
    String,
    Table,
    create_engine,
    delete,
    insert,
    text,
)
from sqlalchemy.engine import make_url

from demo.book import of_department
from demo.dirt import damages
from xianjie.contract.model import Contract, FieldType

DEPARTMENT = "civil_affairs"
_BATCH = 5000


def tables() -> tuple[MetaData, dict[str, Table]]:
    """The bureau's tables by contract id."""
    metadata = MetaData()
    return metadata, {contract.id: _table(metadata, contract) for contract in of_department(DEPARTMENT)}


def prepare(url: str, reader: str, password: str) -> None:
    """Creates the tables and the read-only account `reader` (`url` must be allowed to); idempotent."""
    engine = create_engine(url, hide_parameters=True)
    metadata, _ = tables()
    metadata.create_all(engine)
    with engine.begin() as connection:
        for statement in _grants(engine, reader, password):
            connection.execute(text(statement))
    engine.dispose()


def load(url: str, held: Path) -> dict[str, int]:
    """Makes the tables hold the datasets below `held`, in one transaction; returns rows by contract id."""
    engine = create_engine(url, hide_parameters=True)
    _, by_contract = tables()
    counts: dict[str, int] = {}
    with engine.begin() as connection:
        for contract in of_department(DEPARTMENT):
            table = by_contract[contract.id]
            connection.execute(delete(table))
            counts[contract.id] = 0
            for batch in _batches(contract, held):
                connection.execute(insert(table), batch)
                counts[contract.id] += len(batch)
    engine.dispose()
    return counts


def _table(metadata: MetaData, contract: Contract) -> Table:
    name = contract.source.options["table"]
    untidy = {damage.field for damage in damages(contract)}
    columns: list[Column[Any]] = [
        Column(
            field.name,
            Numeric(12, 2) if field.type == FieldType.DECIMAL and field.name not in untidy else String(200),
        )
        for field in contract.fields
    ]
    return Table(
        name,
        metadata,
        *columns,
        Column("updated_at", DateTime, nullable=False),
        Column("is_deleted", SmallInteger, nullable=False),
        Index(f"{name}_updated_at", "updated_at"),
        mysql_charset="utf8mb4",
    )


def _batches(contract: Contract, held: Path) -> Any:
    _, by_contract = tables()
    names = [field.name for field in contract.fields]
    typed = [
        f"{name}::decimal(12, 2)" if isinstance(by_contract[contract.id].c[name].type, Numeric) else name
        for name in names
    ]
    with duckdb.connect() as connection:
        cursor = connection.execute(
            f"select {', '.join(typed)}, _updated_at, _deleted::int "
            f"from read_parquet('{held / contract.id}.parquet')"
        )
        while rows := cursor.fetchmany(_BATCH):
            yield [dict(zip([*names, "updated_at", "is_deleted"], row, strict=True)) for row in rows]


def _grants(engine: Engine, reader: str, password: str) -> list[str]:
    database = make_url(engine.url).database
    names = [contract.source.options["table"] for contract in of_department(DEPARTMENT)]
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            exists = connection.execute(
                text("select 1 from pg_roles where rolname = :name"), {"name": reader}
            ).first()
        return [
            f"{'alter' if exists else 'create'} role {reader} login password '{password}'",
            f"alter role {reader} set default_transaction_read_only = on",
            f'grant connect on database "{database}" to {reader}',
            f"grant usage on schema public to {reader}",
            *(f"grant select on {name} to {reader}" for name in names),
        ]
    return [
        f"create user if not exists '{reader}'@'%' identified by '{password}'",
        *(f"grant select on {name} to '{reader}'@'%'" for name in names),
    ]

"""Transactions on the warehouse, each under one database role.

The login of ``XIANJIE_WAREHOUSE_URL`` is a member of the stage roles without inheriting them; a transaction
takes on exactly one of them. ID numbers can be read by `Role.IDENTITY` only.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from functools import lru_cache

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import OperationalError

from xianjie.errors import WarehouseError
from xianjie.settings import settings


class Role(StrEnum):
    """Database roles, least first."""

    READER = "xianjie_reader"
    PIPELINE = "xianjie_pipeline"
    IDENTITY = "xianjie_identity"
    OWNER = "xianjie_owner"


@lru_cache(maxsize=4)
def engine(url: str) -> Engine:
    """The process's engine for a URL; parameters never appear in its errors."""
    return create_engine(url, hide_parameters=True, pool_pre_ping=True, pool_size=2, max_overflow=4)


@contextmanager
def transaction(
    role: Role = Role.PIPELINE, *, url: str | None = None, snapshot: str | None = None
) -> Iterator[Connection]:
    """One transaction as `role`; commits at the end, rolls back on any exception.

    Args:
        snapshot: the name of an exported snapshot; the transaction sees what was committed when it was taken.

    Raises:
        WarehouseError: the server cannot be reached.
    """
    address = url or settings().require_warehouse_url()
    try:
        connection = engine(address).connect()
    except OperationalError:
        raise WarehouseError(
            "数据仓库连接失败", data="本步骤未开始, 数据未改动", next_command="xianjie settings"
        ) from None
    with connection, connection.begin():
        if snapshot:
            connection.execute(text("set transaction isolation level repeatable read"))
            connection.execute(text(f"set transaction snapshot '{snapshot}'"))
        connection.execute(text(f"set local role {role}"))
        yield connection


@contextmanager
def acting_as(connection: Connection, role: Role) -> Iterator[None]:
    """Takes on another role for a part of a transaction, and the former one again after it."""
    former = connection.scalar(text("select current_user"))
    connection.execute(text(f"set local role {role}"))
    yield
    connection.execute(text(f"set local role {former}"))


@contextmanager
def alone(what: str) -> Iterator[None]:
    """Holds the lock called `what` for the block; whoever asks for the same one waits, in any process."""
    with transaction() as connection:
        connection.execute(text("select pg_advisory_xact_lock(hashtext(:what))"), {"what": what})
        yield

"""Airflow's connections, by id: the only place where a source's address and secrets are kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from xianjie.contract.model import Contract
from xianjie.intake.errors import SourceConfigurationError


@dataclass(frozen=True)
class SourceConnection:
    """What a connector needs of an Airflow connection; secrets do not show in its repr."""

    id: str
    kind: str
    host: str
    port: int | None
    schema: str
    login: str
    password: str = field(repr=False)
    extra: dict[str, Any] = field(repr=False)


def connection_of(contract: Contract) -> SourceConnection:
    """The connection a contract names.

    Raises:
        SourceConfigurationError: the contract names none, or Airflow does not know it.
    """
    from airflow.sdk import Connection

    name = contract.source.connection
    if not name:
        raise SourceConfigurationError(f"{contract.title}: 数据约定没有写明 Airflow 连接")
    try:
        found = Connection.get(name)
    except Exception:
        raise SourceConfigurationError(
            f"{contract.title}: Airflow 里没有连接 {name}",
            next_command=f"airflow connections add {name} --conn-json '…'",
        ) from None
    return SourceConnection(
        id=name,
        kind=found.conn_type or "",
        host=found.host or "",
        port=found.port,
        schema=found.schema or "",
        login=found.login or "",
        password=found.password or "",
        extra=found.extra_dejson,
    )

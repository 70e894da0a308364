"""Versions of a contract, each kept as it read when a delivery was first judged by it.

An answer is judged by the version its row was returned under, also when the contract has moved on since.
"""

from __future__ import annotations

import datetime as dt
import hashlib

from sqlalchemy import Connection, text

from xianjie.contract.model import Contract
from xianjie.landing import Delivery


def remember(connection: Connection, contract: Contract, on: dt.date) -> None:
    """Keeps a contract's version unless it is kept already; the first reading of a version stays."""
    content = contract.model_dump_json(exclude_defaults=True)
    connection.execute(
        text(
            "insert into quality.contract_version (contract_id, version, content, sha256, first_used_on)"
            " values (:id, :version, :content, :sha256, :on) on conflict do nothing"
        ),
        {
            "id": contract.id,
            "version": contract.version,
            "content": content,
            "sha256": hashlib.sha256(content.encode()).hexdigest(),
            "on": on,
        },
    )


def version_of(connection: Connection, contract: Contract, version: str) -> Contract | None:
    """The contract as it read in `version`; None when that version was never used, or cannot be read any more."""
    if version == contract.version:
        return contract
    content = connection.scalar(
        text("select content from quality.contract_version where contract_id = :id and version = :version"),
        {"id": contract.id, "version": version},
    )
    try:
        return Contract.model_validate_json(content) if content else None
    except ValueError:
        return None


def has_same_fields(one: Contract, other: Contract) -> bool:
    """Whether rows of one contract can be taken in as rows of the other: same key, fields and types."""
    return one.key == other.key and _shape(one) == _shape(other)


def _shape(contract: Contract) -> list[tuple[object, ...]]:
    return [(f.name, f.type, f.kind, f.is_multiple, f.precision, f.scale) for f in contract.fields]


def judging(connection: Connection, contract: Contract, delivery: Delivery) -> Contract:
    """The contract a delivery is judged by: today's, or for an office's answers the version they answer."""
    if delivery.origin != "returns":
        return contract
    return version_of(connection, contract, delivery.contract_version) or contract

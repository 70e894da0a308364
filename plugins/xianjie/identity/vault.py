"""The vault (密库): ID numbers and names, encrypted person by person, readable by one database role.

AES-256-GCM with a random nonce a row; the person's token is authenticated with it, so that a row cannot be
passed off as another person's. The key comes from ``XIANJIE_VAULT_KEY`` and never enters the database.
"""

from __future__ import annotations

import os
import struct
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import duckdb
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, bindparam, text

from xianjie.database import partitions
from xianjie.database.engine import Role
from xianjie.database.transfer import driver_cursor
from xianjie.identity.errors import VaultError
from xianjie.settings import settings

TABLE = "vault.person_secret"
_NONCE = 12
_BLOCK = 20_000
_SEPARATOR = "\n"
_HEADER = b"PGCOPY\n\xff\r\n\0" + struct.pack("!ii", 0, 0)
_TRAILER = struct.pack("!h", -1)


@dataclass(frozen=True, repr=False)
class Secret:
    """What the vault keeps of a person; `id_number` is null for a provisional one. Never printed."""

    id_number: str | None
    name: str | None


def keep(connection: Connection, duck: duckdb.DuckDBPyConnection, county_code: str, *, is_first: bool) -> int:
    """Encrypts the persons of the DuckDB table ``candidate``, who are new to the county; returns how many.

    `is_first` says that the county had nobody before. The connection must act as the identity role.
    """
    if not is_first:
        return _copy(duck, connection, TABLE, county_code)
    with partitions.fresh(
        connection, TABLE, county_code, analyzed=("person_id",), owner=Role.IDENTITY
    ) as fresh:
        return _copy(duck, connection, fresh, county_code, freeze=True)


def reveal(
    connection: Connection, county_code: str, person_ids: Sequence[uuid.UUID]
) -> dict[uuid.UUID, Secret]:
    """The secrets of persons, by token; those the vault does not hold are left out.

    Raises:
        VaultError: a secret was written with another key, or altered.
    """
    statement = text(
        f"select person_id, secret from {TABLE} where county_code = :county and person_id in :ids"
    ).bindparams(bindparam("ids", expanding=True))
    cipher = AESGCM(settings().require_key("vault_key"))
    rows = connection.execute(statement, {"county": county_code, "ids": list(person_ids)})
    return {row.person_id: _open(cipher, row.person_id, row.secret) for row in rows}


def _copy(
    duck: duckdb.DuckDBPyConnection,
    connection: Connection,
    table: str,
    county_code: str,
    *,
    freeze: bool = False,
) -> int:
    """Streams encrypted rows into `table` in PostgreSQL's binary form."""
    rows = duck.execute(
        "select unhex(replace(person_id::varchar, '-', '')),"
        f" encode(concat(id_number, '{_SEPARATOR}', name)) from candidate order by person_id"
    )
    cursor, count = driver_cursor(connection), 0
    options = "format binary, freeze" if freeze else "format binary"
    with cursor.copy(f"copy {table} (county_code, person_id, secret) from stdin ({options})") as copy:
        copy.write(_HEADER)
        while block := rows.fetchmany(_BLOCK):
            copy.write(b"".join(_sealed(block, county_code)))
            count += len(block)
        copy.write(_TRAILER)
    return count


def _sealed(block: Sequence[tuple[bytes, bytes]], county_code: str) -> Iterator[bytes]:
    """Binary COPY rows of (token, plain): three fields, each with its length before it."""
    encrypt = AESGCM(settings().require_key("vault_key")).encrypt
    county = county_code.encode()
    start = struct.pack("!hi", 3, len(county)) + county + struct.pack("!i", 16)
    length = struct.Struct("!i").pack
    nonces = os.urandom(_NONCE * len(block))
    for place, (token, plain) in enumerate(block):
        nonce = nonces[place * _NONCE : (place + 1) * _NONCE]
        secret = nonce + encrypt(nonce, plain, token)
        yield start + token + length(len(secret)) + secret


def _open(cipher: AESGCM, person_id: uuid.UUID, secret: bytes) -> Secret:
    try:
        plain = cipher.decrypt(secret[:_NONCE], secret[_NONCE:], person_id.bytes).decode()
    except InvalidTag:
        raise VaultError("密库记录无法解密: 密钥不符或记录被改动", next_command="xianjie settings") from None
    id_number, _, name = plain.partition(_SEPARATOR)
    return Secret(id_number or None, name or None)

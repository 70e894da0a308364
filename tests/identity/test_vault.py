"""The vault: one role reads it, and only with the key."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from xianjie import identity, landing, privacy
from xianjie.contract.catalogue import catalogue
from xianjie.contract.id_number import check_digit
from xianjie.database.columnar import columnar, literal
from xianjie.database.engine import Role, transaction
from xianjie.identity.errors import VaultError
from xianjie.settings import settings

COUNTY = "639900"
FIRST17 = "63990019900101123"
NUMBER = FIRST17 + check_digit(FIRST17)
PERSON = privacy.token(b"\x11" * 32, NUMBER)
CANARY = "金丝雀"


@pytest.fixture(autouse=True, scope="module")
def somebody(warehouse_url: str) -> None:
    """One person in the vault, and one without an ID number."""
    contract = catalogue().get("civil_affairs.temporary_relief")
    names = [field.name for field in contract.fields]
    rows = [{"relief_no": "J1", "name": CANARY, "id_number": NUMBER}, {"relief_no": "J2", "name": "无证人"}]
    cells = [[row.get(name) for name in names] for row in rows]
    table = landing.BatchTable(
        "f", tuple(f.label for f in contract.fields), landing.text_batches(cells, len(names))
    )
    delivery = landing.publish(contract, dt.date(2026, 9, 21), [table], mode="delta", county_code=COUNTY)
    target = landing.work_folder(delivery) / "accepted.parquet"
    with columnar() as duck:
        source = literal(delivery.data_path)
        duck.execute(
            f"copy (select *, []::varchar[] as _warnings from read_parquet({source}))"
            f" to {literal(str(target))}"
        )
    identity.enter([identity.link(contract, delivery)])


@pytest.mark.parametrize("role", [Role.PIPELINE, Role.READER, Role.OWNER])
def test_no_other_role_reads_the_vault(role: Role) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), transaction(role) as connection:
        connection.execute(text("select * from vault.person_secret"))


def test_the_login_itself_does_not_read_the_vault(warehouse_url: str) -> None:
    with transaction(Role.PIPELINE) as connection:
        connection.execute(text("reset role"))
        with pytest.raises(ProgrammingError, match="permission denied"):
            connection.execute(text("select * from vault.person_secret"))


def test_the_identity_role_reveals_a_person() -> None:
    with transaction(Role.IDENTITY) as connection:
        found = identity.reveal(connection, COUNTY, [PERSON, uuid.UUID(int=0)])
    assert found == {PERSON: identity.Secret(NUMBER, CANARY)}
    assert CANARY not in repr(found)
    assert NUMBER not in repr(found)


def test_who_has_no_id_number_is_kept_by_name() -> None:
    with transaction(Role.IDENTITY) as connection:
        ids = list(connection.scalars(text("select person_id from vault.person_secret")))
        found = identity.reveal(connection, COUNTY, ids)
    assert identity.Secret(None, "无证人") in found.values()


def test_nothing_readable_stands_in_the_vault() -> None:
    with transaction(Role.IDENTITY) as connection:
        secrets = list(connection.scalars(text("select secret from vault.person_secret")))
    assert secrets
    assert not [s for s in secrets if NUMBER.encode() in bytes(s) or CANARY.encode() in bytes(s)]
    assert len({bytes(secret)[:12] for secret in secrets}) == len(secrets)


def test_a_secret_of_another_person_does_not_open(warehouse_url: str) -> None:
    swap = (
        "update vault.person_secret as a set secret = b.secret from vault.person_secret as b"
        " where a.person_id = :person and b.person_id <> a.person_id"
    )
    with transaction(Role.IDENTITY) as connection, connection.begin_nested() as attempt:
        connection.execute(text(swap), {"person": PERSON})
        with pytest.raises(VaultError):
            identity.reveal(connection, COUNTY, [PERSON])
        attempt.rollback()


def test_another_key_does_not_open_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XIANJIE_VAULT_KEY", "33" * 32)
    settings.cache_clear()
    try:
        with pytest.raises(VaultError) as raised, transaction(Role.IDENTITY) as connection:
            identity.reveal(connection, COUNTY, [PERSON])
    finally:
        settings.cache_clear()
    assert CANARY not in str(raised.value)

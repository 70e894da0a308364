"""Merges and splits: somebody's decision that two tokens are one person, and its undoing.

Rows are never rewritten. A merge is a row in ``core.person_alias`` that holds from the moment it was decided;
a split ends it. The warehouse places the person anew with the next night.
"""

from __future__ import annotations

import uuid

from sqlalchemy import Connection, text

from xianjie.database.migrate import script
from xianjie.identity.errors import AliasError


def merge_persons(
    connection: Connection, county_code: str, token: uuid.UUID, into: uuid.UUID, *, by: str, why: str
) -> None:
    """Declares that `token` is the person `into`, or whom that one was merged into already.

    Raises:
        AliasError: they are one person already, `token` is an alias or has aliases, or one is unknown.
    """
    values = {"county": county_code, "token": token, "person": into, "by": by, "why": why}
    if connection.execute(text(script("identity", "merge_persons.sql")), values).rowcount != 1:
        raise AliasError(
            "这两个人员标识不能合并: 不存在, 已合并, 或已是同一人", next_command="xianjie night status"
        )
    _place_anew(connection, county_code, token)


def split_person(connection: Connection, county_code: str, token: uuid.UUID) -> None:
    """Ends the merge of `token`; what was known before stays known as it was.

    Raises:
        AliasError: the token is not merged into anybody.
    """
    statement = text(
        "update core.person_alias set known_to = clock_timestamp()"
        " where county_code = :county and token = :token and known_to = 'infinity' returning person_id"
    )
    former = connection.scalar(statement, {"county": county_code, "token": token})
    if former is None:
        raise AliasError("该人员标识没有合并记录, 无法拆分", next_command="xianjie night status")
    for person in (token, former):
        _place_anew(connection, county_code, person)


def _place_anew(connection: Connection, county_code: str, person: uuid.UUID) -> None:
    connection.execute(
        text(
            "insert into core.unsettled_person (county_code, person_id) values (:county, :person)"
            " on conflict do nothing"
        ),
        {"county": county_code, "person": person},
    )

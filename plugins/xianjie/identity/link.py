"""Linking (身份归一): accepted rows become rows about a person, without any personal value left in them.

Nothing on this road looks a person up: the token of an ID number *is* the person, so a row is linked by the
same expression that protects it. What the database learns are the persons it has not met before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from xianjie.contract.model import Contract
from xianjie.database.columnar import columnar, identifier, literal
from xianjie.database.engine import Role, transaction
from xianjie.identity import persons, vault
from xianjie.identity.errors import LinkError
from xianjie.identity.persons import Met
from xianjie.identity.protection import EXACT, exact_token, person_token, placed_by, protected
from xianjie.identity.resolver import ExactResolver, Resolver
from xianjie.landing import Delivery, work_folder
from xianjie.settings import settings

_SUBJECTS = "subjects.parquet"


@dataclass(frozen=True)
class Linked:
    """A delivery's accepted rows as the warehouse may hold them, about persons.

    `query` yields them in DuckDB: record_key, op (``U`` upsert, ``W`` withdrawn), row_hash (null when
    withdrawn), source_row, subject_token, placed_by, then the protected columns of
    `contract.derive.table_columns`. It holds the key of the tokens, so it is never printed. `met` are the
    persons the rows are about; null in a dataset without persons.
    """

    rows: int
    query: str = field(repr=False)
    met: Met | None


def link(contract: Contract, delivery: Delivery, *, resolver: Resolver | None = None) -> Linked:
    """Links a delivery's accepted rows; whom each is about goes into ``subjects.parquet`` of the work folder.

    The rows may be merged once `enter` has entered the persons they are about.

    Raises:
        LinkError: there are no accepted rows to read, or they do not fit the contract.
    """
    accepted, subjects = (work_folder(delivery) / name for name in ("accepted.parquet", _SUBJECTS))
    with columnar() as duck:
        try:
            rows, query = _query(duck, contract, accepted, subjects, resolver or ExactResolver())
        except duckdb.Error as failure:
            raise LinkError(
                f"{contract.title}的已接收数据无法归一 ({type(failure).__name__})",
                data="本次交付未入库",
                next_command=f"xianjie night status --date {delivery.business_date}",
            ) from None
    return Linked(rows, query, Met(contract, delivery, accepted, subjects) if contract.subject else None)


def enter(linked: Sequence[Linked]) -> None:
    """Enters the persons of linked deliveries of one county who are new: into ``core.person`` and the vault.

    Who is in several is entered as the first of them says. Running again changes nothing.
    """
    met = [each.met for each in linked if each.met is not None]
    if not met:
        return
    with columnar() as duck, transaction(Role.IDENTITY) as connection:
        is_first = persons.remember(connection, duck, met)
        vault.keep(connection, duck, met[0].delivery.county_code, is_first=is_first)


def _query(
    duck: duckdb.DuckDBPyConnection, contract: Contract, accepted: Path, subjects: Path, resolver: Resolver
) -> tuple[int, str]:
    """How many rows there are, and the query that yields them protected."""
    key = settings().require_key("token_key")
    source = f"read_parquet({literal(str(accepted))}) as a"
    duck.execute(f"create view accepted as select * from {source}")
    if contract.subject is not None:
        _write(duck, _subjects(duck, contract, key, resolver), subjects)
        source += f" left join read_parquet({literal(str(subjects))}) as s using (_row)"
    else:
        source = f"(select *, null::uuid as _subject from {source})"
    columns = "".join(
        f", {column.expression} as {identifier(column.name)}" for column in protected(contract, key)
    )
    [(rows,)] = duck.execute("select count(*) from accepted").fetchall()
    return rows, (
        "select _key as record_key, case _op when 'D' then 'W' else 'U' end as op,"
        " case when _op <> 'D' then _hash end as row_hash, _row as source_row, _subject as subject_token,"
        f" {placed_by(contract, '_subject')} as placed_by{columns} from {source}"
    )


def _subjects(duck: duckdb.DuckDBPyConnection, contract: Contract, key: bytes, resolver: Resolver) -> str:
    """By row: the token of the ID number it is about, and of its person; a DuckDB query."""
    duck.execute(
        "create view unresolved as"
        f" select * from accepted where {identifier(str(contract.subject))} is null and _op <> 'D'"
    )
    found = resolver.resolve(duck, contract, "unresolved")
    subject = person_token(contract, key, "f.person_id" if found else "null::uuid")
    join = f"left join {found} as f using (_key)" if found else ""
    return (
        f"select _row, {EXACT}, {subject} as _subject"
        f" from (select *, {exact_token(contract, key)} as {EXACT} from accepted) {join}"
    )


def _write(duck: duckdb.DuckDBPyConnection, query: str, target: Path) -> None:
    aside = target.with_suffix(".aside")
    duck.execute(f"copy ({query}) to {literal(str(aside))} (format parquet)")
    aside.replace(target)

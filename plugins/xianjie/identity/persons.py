"""The register of persons: one row each, of what may be shown, entered when first met."""

from __future__ import annotations

import hmac
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
from sqlalchemy import Connection, text

from xianjie.contract import id_number
from xianjie.contract.model import Contract, FieldType
from xianjie.database import partitions
from xianjie.database.columnar import identifier, literal
from xianjie.database.migrate import script
from xianjie.database.transfer import copy_in
from xianjie.landing import Delivery
from xianjie.privacy import mask_sql
from xianjie.settings import settings

TABLE = "core.person"
_SHOWN = (
    "county_code", "person_id", "is_provisional", "name_masked", "name_token", "id_masked", "sex", "birth_date"
)  # fmt: skip
_STAGED = ("person_id", "record_key", "name_token", "department", "dataset", "delivery_id", "business_date")


@dataclass(frozen=True)
class Met:
    """The persons a delivery is about: its accepted rows, and the person of each."""

    contract: Contract
    delivery: Delivery
    accepted: Path
    subjects: Path

    @property
    def name(self) -> str:
        """The accepted rows' column with the person's name; a null where the dataset has none."""
        named = self.contract.subject_name
        return identifier(named) if named else "null::varchar"


def remember(connection: Connection, duck: duckdb.DuckDBPyConnection, met: Sequence[Met]) -> bool:
    """Enters who is new to the county, and notes names that differ; whether the county had nobody before.

    The DuckDB table ``candidate`` then holds those who were entered, ID numbers and names included.
    """
    county = met[0].delivery.county_code
    _alone(connection, county)
    first_rows = " union all ".join(_first_rows(place, each) for place, each in enumerate(met))
    duck.execute(f"create temp table met as {first_rows}")
    is_first = not partitions.exists(connection, TABLE, county)
    if is_first:
        _describe(duck, met)
        with partitions.fresh(connection, TABLE, county, analyzed=("person_id",)) as fresh:
            _copy(duck, connection, fresh, county, freeze=True)
        _stage(duck, connection, met, f"({_OTHERWISE})")
    else:
        _stage(duck, connection, met, "met")
        strangers = connection.scalars(text(script("identity", "strangers.sql")), {"county": county}).all()
        _describe(duck, met, list(strangers))
        _copy(duck, connection, TABLE, county)
    for step in ("note_names.sql", "settle_names.sql"):
        connection.execute(text(script("identity", step)), {"county": county})
    return is_first


def _alone(connection: Connection, county_code: str) -> None:
    """Whoever is met, entered and put into the vault here is met by nobody else until the transaction ends."""
    connection.execute(
        text("select pg_advisory_xact_lock(hashtext('core.person'), hashtext(:county))"),
        {"county": county_code},
    )


def _first_rows(place: int, met: Met) -> str:
    """Of each person a delivery is about: their first row in it, its record, and the name's token."""
    return f"""
        select {place} as place, f.person_id, f._row, a._key as record_key, {_name_token(met.name)} as name_token
        from (
            select _subject as person_id, min(_row) as _row
            from read_parquet({literal(str(met.subjects))}) where _subject is not null group by _subject
        ) as f join read_parquet({literal(str(met.accepted))}) as a using (_row)
    """


# Names that are not those of whom the person was entered as.
_OTHERWISE = """
    select m.* from met as m
    join stranger as s using (person_id)
    join met as f on f.person_id = s.person_id and f.place = s.place
    where m.name_token <> f.name_token
"""


def _stage(duck: duckdb.DuckDBPyConnection, connection: Connection, met: Sequence[Met], rows: str) -> None:
    """Tells PostgreSQL of persons who were met, with the delivery they were met in."""
    connection.execute(text(script("identity", "stage_persons.sql")))
    duck.execute(
        "create temp table said_in (place integer, department text, dataset text, delivery_id text, day date)"
    )
    said = [
        (place, each.delivery.department, each.delivery.dataset, each.delivery.delivery_id,
         each.delivery.business_date)
        for place, each in enumerate(met)
    ]  # fmt: skip
    duck.executemany("insert into said_in values (?, ?, ?, ?, ?)", said)
    query = (
        "select person_id, record_key, name_token, department, dataset, delivery_id, day"
        f" from {rows} join said_in using (place)"
    )
    copy_in(duck, query, connection, "candidate_person", _STAGED)
    connection.execute(text("analyze candidate_person"))


def _describe(
    duck: duckdb.DuckDBPyConnection, met: Sequence[Met], only: list[uuid.UUID] | None = None
) -> None:
    """The tables ``stranger`` (where a person is met first) and ``candidate`` (what that row says of them)."""
    condition = "" if only is None else "where person_id in (select unnest(?::uuid[]))"
    duck.execute(
        "create temp table stranger as select person_id, min(place) as place, arg_min(_row, place) as _row"
        f" from met {condition} group by person_id",
        [] if only is None else [only],
    )
    described = " union all ".join(_described(place, each) for place, each in enumerate(met))
    duck.execute(f"create temp table candidate as {described}")


def _described(place: int, met: Met) -> str:
    """What the ID number says of sex and birth date comes before what the row says."""
    contract = met.contract
    return f"""
        select person_id, number is null as is_provisional, number as id_number, name,
            {mask_sql("name", "name")} as name_masked, {_name_token("name")} as name_token,
            {mask_sql("id_number", "number")} as id_masked,
            coalesce({id_number.sex_sql("number")}, sex) as sex,
            coalesce({id_number.birth_date_sql("number")}, born) as birth_date
        from (
            select s.person_id, {identifier(str(contract.subject))} as number, {met.name} as name,
                {_field(contract, "sex")} as sex, {_field(contract, "birth_date")} as born
            from stranger as s join read_parquet({literal(str(met.accepted))}) as a using (_row)
            where s.place = {place}
        )
    """


def _copy(
    duck: duckdb.DuckDBPyConnection, connection: Connection, target: str, county: str, *, freeze: bool = False
) -> None:
    query = f"select {literal(county)}, {', '.join(_SHOWN[1:])} from candidate"
    copy_in(duck, query, connection, target, _SHOWN, freeze=freeze)


def _name_token(name: str) -> str:
    pepper = hmac.digest(settings().require_key("token_key"), b"xianjie names", "sha256").hex()
    return f"md5({literal(pepper)} || {name})::uuid"


def _field(contract: Contract, name: str) -> str:
    """A typed field if the contract has it, else null of the same type."""
    types = {"sex": FieldType.STRING, "birth_date": FieldType.DATE}
    known = any(field.name == name and field.type is types[name] for field in contract.fields)
    return identifier(name) if known else {"sex": "null::varchar", "birth_date": "null::date"}[name]

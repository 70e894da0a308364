"""The register of persons: one row each, of what may be shown, entered when first met."""

from __future__ import annotations

import uuid

import duckdb
from sqlalchemy import Connection, text

from xianjie.database import partitions
from xianjie.database.columnar import literal
from xianjie.database.migrate import script
from xianjie.database.transfer import copy_in
from xianjie.landing import Delivery

TABLE = "core.person"
_SHOWN = ("person_id", "is_provisional", "name_masked", "name_token", "id_masked", "sex", "birth_date")


def remember(
    connection: Connection, duck: duckdb.DuckDBPyConnection, delivery: Delivery
) -> list[uuid.UUID] | None:
    """Enters the persons of the DuckDB table ``candidate`` who are new, and notes names that differ.

    Returns:
        Who was entered now; null when the county had nobody before, so that everyone was.
    """
    county = delivery.county_code
    _alone(connection, county)
    if not partitions.exists(connection, TABLE, county):
        _first(connection, duck, delivery)
        return None
    connection.execute(text(script("identity", "stage_persons.sql")))
    columns = (*_SHOWN, "record_key")
    copy_in(duck, f"select {', '.join(columns)} from candidate", connection, "candidate_person", columns)
    connection.execute(text(script("identity", "meet_persons.sql")), {"county": county})
    entered = connection.scalars(text(script("identity", "enter_persons.sql")), {"county": county}).all()
    values = {
        "county": county,
        "department": delivery.department,
        "dataset": delivery.dataset,
        "delivery": delivery.delivery_id,
        "business_date": delivery.business_date,
    }
    for step in ("note_names.sql", "settle_names.sql"):
        connection.execute(text(script("identity", step)), values)
    return list(entered)


def _alone(connection: Connection, county_code: str) -> None:
    """Whoever is met, entered and put into the vault here is met by nobody else until the transaction ends."""
    connection.execute(
        text("select pg_advisory_xact_lock(hashtext('core.person'), hashtext(:county))"),
        {"county": county_code},
    )


def _first(connection: Connection, duck: duckdb.DuckDBPyConnection, delivery: Delivery) -> None:
    """The county's first persons go straight into a new partition."""
    query = f"select {literal(delivery.county_code)}, {', '.join(_SHOWN)} from candidate"
    with partitions.fresh(connection, TABLE, delivery.county_code, analyzed=("person_id",)) as fresh:
        copy_in(duck, query, connection, fresh, ("county_code", *_SHOWN), freeze=True)

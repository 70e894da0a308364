"""The register of persons: one row each, of what may be shown, entered when first met."""

from __future__ import annotations

import duckdb
from sqlalchemy import Connection, text

from xianjie.database import partitions
from xianjie.database.columnar import literal
from xianjie.database.migrate import script
from xianjie.database.transfer import copy_in
from xianjie.landing import Delivery

TABLE = "core.person"
_SHOWN = ("person_id", "is_provisional", "name_masked", "name_token", "id_masked", "sex", "birth_date")


def remember(connection: Connection, duck: duckdb.DuckDBPyConnection, delivery: Delivery) -> None:
    """Enters the persons of the DuckDB table ``candidate`` who are new, and notes names that differ."""
    county = delivery.county_code
    if not partitions.exists(connection, TABLE, county):
        _first(connection, duck, delivery)
        return
    connection.execute(text(script("identity", "stage_persons.sql")))
    columns = (*_SHOWN, "record_key")
    copy_in(duck, f"select {', '.join(columns)} from candidate", connection, "candidate_person", columns)
    values = {
        "county": county,
        "department": delivery.department,
        "dataset": delivery.dataset,
        "delivery": delivery.delivery_id,
        "business_date": delivery.business_date,
    }
    for step in ("enter_persons.sql", "note_names.sql", "settle_names.sql"):
        connection.execute(text(script("identity", step)), values)


def _first(connection: Connection, duck: duckdb.DuckDBPyConnection, delivery: Delivery) -> None:
    """The county's first persons go straight into a new partition."""
    query = f"select {literal(delivery.county_code)}, {', '.join(_SHOWN)} from candidate"
    with partitions.fresh(connection, TABLE, delivery.county_code, analyzed=("person_id",)) as fresh:
        copy_in(duck, query, connection, fresh, ("county_code", *_SHOWN), freeze=True)

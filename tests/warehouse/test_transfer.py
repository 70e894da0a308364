"""Rows from the columnar engine into PostgreSQL: every type a warehouse column can have, value for value."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from xianjie.database.columnar import columnar
from xianjie.database.engine import transaction
from xianjie.database.transfer import copy_in
from xianjie.errors import WarehouseError

COLUMNS = {
    "words": "text",
    "token": "uuid",
    "amount": "numeric(12,2)",
    "share": "numeric(18,4)",
    "day": "date",
    "moment": "timestamptz",
    "flag": "boolean",
    "small": "integer",
    "large": "bigint",
}
moments = st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2100, 1, 1), timezones=st.just(dt.UTC))
rows = st.lists(
    st.tuples(
        st.none() | st.text(st.characters(exclude_characters="\0", codec="utf-8")),
        st.none() | st.uuids(),
        st.none() | st.decimals(-(10**9), 10**9, places=2),
        st.none() | st.decimals(-(10**12), 10**12, places=4),
        st.none() | st.dates(dt.date(1, 1, 1), dt.date(2999, 12, 31)),
        st.none() | moments,
        st.none() | st.booleans(),
        st.none() | st.integers(-(2**31), 2**31 - 1),
        st.none() | st.integers(-(2**63), 2**63 - 1),
    ),
    max_size=20,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(given_rows=rows)
def test_what_goes_in_comes_out(warehouse_url: str, given_rows: list[tuple[Any, ...]]) -> None:
    made = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    with columnar() as duck, transaction() as connection:
        duck.execute(f"create table given (n integer, {made})")
        if given_rows:
            marks = ", ?" * len(COLUMNS)
            duck.executemany(
                f"insert into given values (?{marks})", [(n, *r) for n, r in enumerate(given_rows)]
            )
        connection.execute(text(f"create temporary table taken (n integer, {made}) on commit drop"))
        count = copy_in(duck, "select * from given", connection, "taken", ("n", *COLUMNS))
        found = connection.execute(text(f"select {', '.join(COLUMNS)} from taken order by n")).all()
    assert count == len(given_rows)
    assert [tuple(row) for row in found] == given_rows


def test_values_are_cast_to_the_type_of_their_column(warehouse_url: str) -> None:
    with columnar() as duck, transaction() as connection:
        connection.execute(
            text("create temporary table taken (day date, n bigint, words text) on commit drop")
        )
        copy_in(duck, "select '2026-09-21', 7::utinyint, 12", connection, "taken", ("day", "n", "words"))
        assert connection.execute(text("select * from taken")).all() == [(dt.date(2026, 9, 21), 7, "12")]


@pytest.mark.parametrize(
    "query", ["select '639900199001011234' as n", "select error('639900199001011234') as n"]
)
def test_an_error_of_either_side_repeats_no_value(warehouse_url: str, query: str) -> None:
    with columnar() as duck, transaction() as connection:
        connection.execute(text("create temporary table taken (n integer) on commit drop"))
        with pytest.raises(WarehouseError) as raised:
            copy_in(duck, query, connection, "taken", ("n",))
        connection.rollback()
    assert "6399" not in str(raised.value)
    assert raised.value.__cause__ is None

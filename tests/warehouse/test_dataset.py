"""Tables and views follow their contracts, and take nothing away."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import text
from warehouse_helpers import (
    COUNTY,
    DAYS,
    HOUSEHOLDS,
    PERSONS,
    household,
    land,
    night,
    person,
    post,
    query,
    take,
    trust,
)

from xianjie import warehouse
from xianjie.contract.catalogue import catalogue
from xianjie.contract.model import Contract, Field, FieldType, Source
from xianjie.database import migrate
from xianjie.database.engine import Role, transaction


def contract(*fields: Field) -> Contract:
    return Contract(
        id="employment.growing",
        code="TST",
        version="1.0.0",
        department="employment",
        department_title="就业局",
        dataset="growing",
        title="试验",
        key=("k",),
        delivery_mode="full",
        arrival_deadline=dt.time(22),
        cutoff=dt.time(22),
        source=Source(connector="folder"),
        fields=(Field(name="k", label="键"), *fields),
    )


def ensure(grown: Contract) -> None:
    with transaction(Role.OWNER) as connection:
        warehouse.ensure_dataset(connection, grown)


def columns(relation: str) -> list[str]:
    rows = query(
        "select attname from pg_attribute"
        " where attrelid = to_regclass(:r) and attnum > 0 and not attisdropped order by attnum",
        r=relation,
    )  # fmt: skip
    return [row[0] for row in rows]


def test_every_active_contract_has_a_log_a_history_and_facts(warehouse_url: str) -> None:
    warehouse.ensure()
    for each in catalogue().active():
        for schema in ("changes", "history", "facts"):
            assert columns(f"{schema}.{each.table}"), (schema, each.table)
    assert columns("facts.person")[:3] == ["county_code", "person_id", "household_id"]
    assert columns("facts.household")[:3] == ["county_code", "household_id", "household_no"]


def test_a_field_that_is_added_is_a_column_that_is_added(warehouse_url: str) -> None:
    ensure(contract())
    take(land(contract(), [{"k": "1"}], DAYS[0]), contract(), by=trust)
    grown = contract(
        Field(name="phone", label="电话", kind="phone"), Field(name="since", label="起", type=FieldType.DATE)
    )  # type: ignore[arg-type]
    ensure(grown)
    take(land(grown, [{"k": "1", "since": "2026-01-01"}, {"k": "2"}], DAYS[1]), grown, by=trust)
    assert columns("facts.employment_growing")[-4:] == ["k", "phone_token", "phone_masked", "since"]
    found = query("select k, since::text from facts.employment_growing order by k")
    assert found == [("1", "2026-01-01"), ("2", None)]
    assert query("select k, since from facts.employment_growing", day=DAYS[0]) == [("1", None)]


def test_a_field_that_is_dropped_leaves_its_column_behind(warehouse_url: str) -> None:
    ensure(contract(Field(name="old", label="旧")))
    ensure(contract())
    assert "old" in columns("changes.employment_growing")
    assert "old" not in columns("facts.employment_growing")


def test_a_field_of_another_type_is_refused(warehouse_url: str) -> None:
    ensure(contract(Field(name="size", label="数")))
    with pytest.raises(warehouse.DatasetShapeError, match="数"):
        ensure(contract(Field(name="size", label="数", type=FieldType.INTEGER)))


def test_a_field_named_like_one_of_ours_is_refused(warehouse_url: str) -> None:
    with pytest.raises(warehouse.DatasetShapeError, match="household_id"):
        ensure(contract(Field(name="household_id", label="户")))


def test_ensuring_and_migrating_again_keep_views_and_rows(warehouse_url: str) -> None:
    night(
        DAYS[0],
        rural_revitalisation__persons=[person(1, "H1")],
        rural_revitalisation__households=[household("H1")],
    )
    before = query("select oid, relname from pg_class where relnamespace = 'facts'::regnamespace order by 1")
    migrate.upgrade()
    warehouse.ensure()
    assert (
        query("select oid, relname from pg_class where relnamespace = 'facts'::regnamespace order by 1")
        == before
    )
    assert query("select count(*) from facts.person where county_code = :c", c=COUNTY) == [(1,)]


def test_the_pipeline_appends_to_the_log_and_never_rewrites_it(warehouse_url: str) -> None:
    warehouse.ensure()
    rights = "select has_table_privilege('xianjie_pipeline', :t, :right)"
    for table in (f"changes.{catalogue().get(each).table}" for each in (PERSONS, HOUSEHOLDS)):
        assert query(rights, t=table, right="insert") == [(True,)]
        assert query(rights, t=table, right="update") == [(False,)]
        assert query(rights, t=table, right="delete") == [(False,)]


def test_readers_see_facts_but_write_nothing(warehouse_url: str) -> None:
    warehouse.ensure()
    assert query("select count(*) from facts.person", role=Role.READER)
    with transaction(Role.READER) as connection:
        writable = connection.scalar(text("select has_table_privilege('core.membership', 'insert')"))
    assert writable is False


def test_persons_of_a_first_night_that_brings_no_register_are_placed_all_the_same(warehouse_url: str) -> None:
    night(DAYS[0], county="639950", employment__public_posts=[post(1)])
    assert query("select count(*) from facts.person where county_code = '639950'") == [(1,)]

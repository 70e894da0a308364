"""Datasets drawn from their contracts alone: sound, deterministic, and delivered as the contract says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from demo import drawn
from demo.calendar import FIRST_NIGHT
from demo.population import SEED, dataset_query, engine, people_tables
from xianjie.contract import Contract, FieldKind, catalogue, codes
from xianjie.contract.typing_sql import typed

WAITING = [contract for contract in catalogue() if not contract.is_active]
PEOPLE = 3000


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    with engine(tmp_path_factory.mktemp("people")) as connection:
        people_tables(connection, PEOPLE, SEED)
        yield connection


def rows(people: duckdb.DuckDBPyConnection, contract: Contract) -> list[dict[str, str | None]]:
    found = people.execute(f"select * from ({dataset_query(contract)}) order by _key")
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def by_id(contract: Contract) -> str:
    return contract.id


@pytest.mark.parametrize("contract", WAITING, ids=by_id)
def test_drawn_rows_keep_the_contract(people: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    found = rows(people, contract)
    assert found
    assert len({row["_key"] for row in found}) == len(found)
    for field in contract.fields:
        values = [row[field.name] for row in found]
        assert not field.required or None not in values, field.name
        assert all(len(str(value)) <= field.max_length for value in values if value and field.max_length)
        if field.kind is FieldKind.PLAIN and field.code_list != codes.DIVISION:
            wrong = people.execute(
                f"select count(*) from (select unnest(?::varchar[]) as x) "
                f"where x is not null and ({typed(field, 'x', FIRST_NIGHT)}) is null",
                [values],
            ).fetchall()
            assert wrong == [(0,)], field.name


@pytest.mark.parametrize("contract", WAITING, ids=by_id)
def test_an_ordinary_day_changes_something_no_rule_looks_at(contract: Contract) -> None:
    for name in drawn.changes(contract):
        assert name not in contract.key
        assert all(name not in rule.fields for rule in contract.rules)


def test_the_same_seed_draws_the_same_rows(tmp_path: Path, people: duckdb.DuckDBPyConnection) -> None:
    contract = catalogue().get("medical_insurance.settlements")
    with engine(tmp_path) as other:
        people_tables(other, PEOPLE, SEED)
        assert rows(other, contract) == rows(people, contract)
    with engine(tmp_path) as other:
        people_tables(other, PEOPLE, SEED + 1)
        assert rows(other, contract) != rows(people, contract)


def test_rows_about_a_person_agree_with_the_county(people: duckdb.DuckDBPyConnection) -> None:
    found = rows(people, catalogue().get("disabled_federation.certificates"))
    known = dict(people.execute("select id_number, name from person_state where health = '残疾'").fetchall())
    assert {row["id_number"]: row["name"] for row in found}.items() <= known.items()
    assert all(row["certificate_no"] == f"{row['id_number']}{row['category']}{row['grade']}" for row in found)

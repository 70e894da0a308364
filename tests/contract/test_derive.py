"""Derived rules and columns, judged on rows that go through typing as a night's do."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from xianjie.contract import Contract, Severity, catalogue, duckdb_type, rules, table_columns, typed
from xianjie.contract.conditions import spelled_out

ON = dt.date(2026, 9, 21)


CASES: dict[str, dict[str, Any]] = {
    path.stem: yaml.safe_load(path.read_text(encoding="utf-8"))
    for path in sorted((Path(__file__).parent / "cases").glob("*.yaml"))
}


class Sieve:
    """The rules of one contract on one row, the way validation composes them."""

    def __init__(self, contract: Contract) -> None:
        self.contract, self.rules = contract, rules(contract, ON, county_code="639900")
        self.connection = duckdb.connect()
        names = [field.name for field in contract.fields]
        self.connection.execute(
            f"create table given ({', '.join(f'{name} varchar' for name in names)}, _duplicate int)"
        )
        packed = ", ".join(f"{name} := {name}" for name in names)
        values = ", ".join(
            f"{typed(field, f'raw.{field.name}', ON)} as {field.name}" for field in contract.fields
        )
        broken = ", ".join(f"case when {rule.breaks_when} then '{rule.id}' end" for rule in self.rules)
        self.query = (
            f"with given as (select struct_pack({packed}) as raw, _duplicate from given),"
            f" typed as (select raw, _duplicate, {values} from given)"
            f" select list_filter([{broken}], lambda r: r is not null) from typed"
        )

    def broken(self, *rows: dict[str, Any]) -> list[set[str]]:
        """The rules each row breaks; the key ``_duplicate`` says what the comparison found."""
        self.connection.execute("delete from given")
        names = [*(field.name for field in self.contract.fields), "_duplicate"]
        for row in rows:
            values = [row.get(name) for name in names]
            self.connection.execute(f"insert into given values ({', '.join('?' for _ in values)})", values)
        return [set(found) for (found,) in self.connection.execute(self.query).fetchall()]


@pytest.fixture(scope="module")
def sieves(module_home: Path) -> dict[str, Sieve]:
    return {contract.id: Sieve(contract) for contract in catalogue()}


@pytest.mark.parametrize("contract_id", CASES)
def test_a_sound_row_breaks_no_rule(sieves: dict[str, Sieve], contract_id: str) -> None:
    assert sieves[contract_id].broken(CASES[contract_id]["sound"]) == [set()]


@pytest.mark.parametrize("contract_id", CASES)
def test_a_wrong_row_breaks_the_rule_that_names_it(sieves: dict[str, Sieve], contract_id: str) -> None:
    wrong = CASES[contract_id]["wrong"]
    found = sieves[contract_id].broken(*(CASES[contract_id]["sound"] | case["when"] for case in wrong))
    missed = [case for case, broken in zip(wrong, found, strict=True) if case["breaks"] not in broken]
    assert missed == []


@pytest.mark.parametrize("contract_id", [name for name, cases in CASES.items() if "fine" in cases])
def test_a_row_this_side_of_a_border_is_spared(sieves: dict[str, Sieve], contract_id: str) -> None:
    fine = CASES[contract_id]["fine"]
    assert {case["spares"] for case in fine} <= {rule.id for rule in sieves[contract_id].rules}
    found = sieves[contract_id].broken(*(CASES[contract_id]["sound"] | case["when"] for case in fine))
    assert [case for case, broken in zip(fine, found, strict=True) if case["spares"] in broken] == []


def test_every_rule_of_every_dataset_has_a_case() -> None:
    assert set(CASES) == {contract.id for contract in catalogue()}
    hit = {case["breaks"] for cases in CASES.values() for case in cases["wrong"]}
    assert {rule.id for contract in catalogue() for rule in contract.rules} - hit == set()


def test_a_row_is_told_everything_that_is_wrong_with_it(sieves: dict[str, Sieve]) -> None:
    row = CASES["education.enrolment"]["sound"] | {"stage": "大学", "grade": "六", "sex": "女", "name": None}
    (broken,) = sieves["education.enrolment"].broken(row)
    assert broken == {
        "EDU-01.stage.code", "EDU-01.grade.type", "EDU-01.sex_matches_id", "EDU-01.name.missing",
    }  # fmt: skip


def test_repeated_and_conflicting_rows_are_told_apart(sieves: dict[str, Sieve]) -> None:
    row = CASES["housing.house_safety"]["sound"]
    found = sieves["housing.house_safety"].broken(row | {"_duplicate": 1}, row | {"_duplicate": 2})
    assert found == [{"HOU-01.row.repeated"}, {"HOU-01.row.conflicting"}]


def test_rows_of_the_fixture_county_are_refused_in_production(
    module_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from xianjie.settings import settings

    monkeypatch.setenv("XIANJIE_ALLOW_FIXTURE_IDS", "0")
    settings.cache_clear()
    try:
        sieve = Sieve(catalogue().get("housing.house_safety"))
        assert sieve.broken(CASES["housing.house_safety"]["sound"]) == [{"HOU-01.owner_id_number.fixture"}]
    finally:
        monkeypatch.undo()
        settings.cache_clear()


def test_a_value_is_empty_or_wrong_or_typed_and_never_none_of_them(
    sieves: dict[str, Sieve], evaluate: Any
) -> None:
    """Whatever is delivered in a required field either becomes a value or is told as a fault."""
    odd = [None, "", " ", "　", "\t", "\u200b", "\u00a0", "？", "0", "-", "NULL", "\n \r", "1" * 200]
    for contract_id in ("education.student_aid", "housing.house_safety"):
        sieve, sound = sieves[contract_id], CASES[contract_id]["sound"]
        for field in (field for field in sieve.contract.fields if field.required):
            found = sieve.broken(*(sound | {field.name: value} for value in odd))
            kept = evaluate(typed(field, "x", ON), odd)
            for value, broken, result in zip(odd, found, kept, strict=True):
                told = any(rule.startswith(f"{sieve.contract.code}.{field.name}.") for rule in broken)
                assert told or result is not None, (field.name, value)


@pytest.mark.parametrize("contract_id", CASES)
def test_rules_have_unique_ids_and_run_on_typed_columns(sieves: dict[str, Sieve], contract_id: str) -> None:
    found = sieves[contract_id].rules
    assert len({rule.id for rule in found}) == len(found)
    assert all(rule.id.startswith(f"{sieves[contract_id].contract.code}.") for rule in found)
    assert not any(":business_date" in rule.breaks_when or "id_sex(" in rule.breaks_when for rule in found)


@pytest.mark.parametrize("contract_id", CASES)
def test_typed_columns_have_the_announced_types(evaluate: Any, contract_id: str) -> None:
    fields = catalogue().get(contract_id).fields
    kinds = [f"typeof({typed(field, 'x', ON)})" for field in fields]
    found = evaluate(f"[{', '.join(kinds)}]", [None])[0]
    announced = [duckdb_type(field).replace(" ", "") for field in fields]
    assert [kind.lower().replace(" ", "") for kind in found] == announced


def test_protected_columns_follow_the_kind_of_field() -> None:
    columns = {
        column.name: column.pg_type for column in table_columns(catalogue().get("education.enrolment"))
    }
    assert columns["id_number_token"] == "uuid"
    assert columns["student_no_token"] == "uuid", "a school register number holds the ID number"
    assert columns["guardian_phone_masked"] == "text"
    assert columns["entry_month"] == "date"
    assert not {"name", "id_number", "student_no", "home_address", "home_address_masked"} & columns.keys()


def test_wrong_guardian_numbers_do_not_send_the_pupil_back() -> None:
    found = {rule.id: rule.severity for rule in rules(catalogue().get("education.enrolment"))}
    assert found["EDU-01.guardian_id_number.checksum"] is Severity.WARN
    assert found["EDU-01.id_number.checksum"] is Severity.FIX


def test_a_term_is_spelled_out_wherever_a_condition_uses_it() -> None:
    terms = {"born": "coalesce(a, b)", "is_old": "age(born) > 60"}
    assert spelled_out("is_old and raw.born <> 'born'", terms) == (
        "(age((coalesce(a, b))) > 60) and raw.born <> 'born'"
    )

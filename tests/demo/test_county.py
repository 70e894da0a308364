"""The made-up county looks like one, and is the same every time."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
from pathlib import Path

import duckdb
import pytest

from demo import divisions
from demo.book import contracts
from demo.population import County, build, write_csv
from xianjie.contract import codes, id_number

_FIRST = dt.date(2026, 9, 21)


def _rows(county: County, dataset: str, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect() as connection:
        return connection.execute(query.replace("{}", f"'{county.base / dataset}.parquet'")).fetchall()


def _digest(county: County) -> str:
    found = hashlib.sha256()
    with duckdb.connect() as connection:
        for contract in contracts():
            rows = connection.execute(
                f"select * from '{county.base / contract.id}.parquet' order by _key"
            ).fetchall()
            found.update(repr(rows).encode())
    return found.hexdigest()


def test_same_seed_gives_the_same_county(tmp_path: Path) -> None:
    assert _digest(build(tmp_path / "a", 1000, 5)) == _digest(build(tmp_path / "b", 1000, 5))


def test_another_seed_gives_another_county(tmp_path: Path) -> None:
    assert _digest(build(tmp_path / "a", 1000, 5)) != _digest(build(tmp_path / "b", 1000, 6))


def test_a_county_that_is_there_is_not_made_again(county: County) -> None:
    before = (county.base / "education.enrolment.parquet").stat().st_mtime_ns
    assert build(county.folder, county.people) == county
    assert (county.base / "education.enrolment.parquet").stat().st_mtime_ns == before


def test_ids_are_valid_unique_and_of_the_unassigned_prefix(county: County) -> None:
    ids = [
        str(row[0])[:18] for row in _rows(county, "rural_revitalisation.persons", "select id_number from {}")
    ]
    assert len(ids) == len(set(ids)) > 5000
    for number in ids:
        assert number.startswith("639900")
        assert id_number.check_digit(number[:17]) == number[17]


def test_ids_agree_with_sex_and_birth_date(county: County) -> None:
    wrong = _rows(
        county,
        "rural_revitalisation.persons",
        "select count(*) from {} where (substr(id_number, 17, 1)::int % 2 = 1) <> (sex = '男') "
        "or strftime(birth_date::date, '%Y%m%d') <> substr(id_number, 7, 8)",
    )
    assert wrong == [(0,)]


def test_names_repeat_as_often_as_in_a_real_county(tmp_path: Path) -> None:
    county = build(tmp_path / "county", 30_000)
    ((people, distinct, most),) = _rows(
        county,
        "rural_revitalisation.persons",
        "select sum(n), count(*), max(n) from (select name, count(*) as n from {} group by 1)",
    )
    assert 0.0008 < most / people < 0.006
    assert 0.15 < distinct / people < 0.7


def test_households_are_families(county: County) -> None:
    ((heads, households),) = _rows(
        county,
        "rural_revitalisation.persons",
        "select count(*) filter (relation = '户主'), count(distinct household_no) from {}",
    )
    assert heads == households
    sizes = dict(
        _rows(county, "rural_revitalisation.households", "select size_now::int, count(*) from {} group by 1")
    )
    assert set(sizes) <= {1, 2, 3, 4, 5, 6}
    assert max(sizes, key=lambda size: sizes[size]) in (2, 3, 4, 5)


def test_about_one_household_in_eleven_was_poor(county: County) -> None:
    shares = dict(
        _rows(
            county,
            "rural_revitalisation.households",
            "select hh_type, count(*) / sum(count(*)) over () from {} group by 1",
        )
    )
    assert shares["脱贫户"] == pytest.approx(0.09, abs=0.02)
    assert 0.003 < shares["监测户"] < 0.02


def test_some_people_are_missing_from_the_base_register(county: County) -> None:
    ((known,),) = _rows(county, "rural_revitalisation.persons", "select count(*) from {}")
    assert 0.015 < 1 - int(str(known)) / county.people < 0.05


@pytest.mark.parametrize("contract", contracts(), ids=lambda contract: contract.id)
def test_clean_rows_keep_the_contract(county: County, contract) -> None:  # type: ignore[no-untyped-def]
    names = [name for (name, *_) in _rows(county, contract.id, "select column_name from (describe from {})")]
    assert [name for name in names if not str(name).startswith("_")] == [
        field.name for field in contract.fields
    ]
    ((rows, keys),) = _rows(county, contract.id, "select count(*), count(distinct _key) from {}")
    assert rows == keys
    assert keys > 0
    for field in contract.fields:
        if field.required:
            assert _rows(county, contract.id, f"select count(*) from {{}} where {field.name} is null") == [
                (0,)
            ]
        if field.code_list and field.code_list != codes.DIVISION:
            _only_known_codes(county, contract, field)


def _only_known_codes(county: County, contract, field) -> None:  # type: ignore[no-untyped-def]
    from xianjie.contract.typing_sql import typed

    unknown = _rows(
        county,
        contract.id,
        f"select distinct {field.name} from {{}} "
        f"where {field.name} is not null and ({typed(field, field.name, _FIRST)}) is null",
    )
    assert unknown == []


def test_divisions_file_is_what_the_module_writes(tmp_path: Path) -> None:
    divisions.write_csv(tmp_path / "divisions.csv")
    assert (tmp_path / "divisions.csv").read_bytes() == divisions.DIVISIONS_CSV.read_bytes()
    with divisions.DIVISIONS_CSV.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert sum(row["level"] == "village" for row in rows) == 289
    assert sum(row["level"] == "town" and row["parent_code"] == "639900" for row in rows) == 20


def test_bench_files_have_the_contracts_headers_and_one_percent_of_change(tmp_path: Path) -> None:
    first = write_csv(tmp_path, 3000, 1)
    second = write_csv(tmp_path, 3000, 2)
    assert set(first) == {contract.id for contract in contracts()}
    for contract in contracts():
        header = first[contract.id].read_text(encoding="utf-8").splitlines()[0]
        assert header.split(",") == [_quoted(field.label) for field in contract.fields]
    before, after = (
        set(paths["rural_revitalisation.persons"].read_text(encoding="utf-8").splitlines())
        for paths in (first, second)
    )
    assert 0.005 < len(after - before) / len(before) < 0.02


def _quoted(label: str) -> str:
    return f'"{label}"' if "," in label else label

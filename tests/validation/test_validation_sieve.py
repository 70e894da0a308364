"""The sieve labels every row with all it breaks, and loses none."""

from __future__ import annotations

import datetime as dt
import uuid
from operator import itemgetter
from pathlib import Path
from types import ModuleType
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xianjie.contract.catalogue import catalogue
from xianjie.contract.model import Contract, Rule, Severity
from xianjie.database.columnar import columnar
from xianjie.validation import Sieve, Sieved, SieveError

ON = dt.date(2026, 9, 21)
TEXTS: dict[str, list[str | None]] = {
    "post_no": ["P1", "P2", " P3 ", "", None, "P" * 20],
    "name": ["杨秀英", None, "　"],
    "id_number": [
        "639900199001010030",
        "63990019900101003X",
        "999999199001010000",
        "6399",
        None,
        "639900900101003",
    ],
    "sex": ["男", "2", "未知物", None, " 女 "],
    "pay_yuan": ["800", "3,500.00", "很多", None, "３０００"],
    "starts_on": ["2026-01-05", "2026.2.30", "46000", None],
    "ends_on": ["2025年1月5日", None, "不详", "20261231"],
    "remark": ["x", None],
}
rows = st.lists(
    st.fixed_dictionaries(
        {
            **{name: st.sampled_from(texts) for name, texts in TEXTS.items()},
            "_op": st.sampled_from(["U", "U", "U", "D"]),
            "_duplicate": st.sampled_from([0, 0, 0, 1, 2]),
        }
    ),
    max_size=30,
)


def write_changed(folder: Path, contract: Contract, given_rows: list[dict[str, Any]]) -> Path:
    """``changed.parquet`` as the landing's comparison writes it."""
    n = len(given_rows)
    columns: dict[str, pa.Array] = {
        "_row": pa.array(range(1, n + 1), pa.int64()),
        "_file": pa.array(["岗位.csv"] * n, pa.string()),
        "_line": pa.array(range(2, n + 2), pa.int64()),
        "_op": pa.array([row.get("_op", "U") for row in given_rows], pa.string()),
        "_key": pa.array([str(uuid.uuid4()) for _ in range(n)], pa.string()),
        "_hash": pa.array([str(uuid.uuid4()) for _ in range(n)], pa.string()),
    }
    columns |= {
        f.name: pa.array([row.get(f.name) for row in given_rows], pa.string()) for f in contract.fields
    }
    columns |= {
        "_extra": pa.nulls(n, pa.string()),
        "_change": pa.array(["new"] * n, pa.string()),
        "_duplicate": pa.array([row.get("_duplicate", 0) for row in given_rows], pa.int32()),
    }
    path = folder / "changed.parquet"
    plain = pa.table(columns)
    duckdb.connect().execute(
        f"copy (select * replace (_key::uuid as _key, _hash::uuid as _hash) from plain) to '{path}'"
    )
    assert plain.num_rows == n
    return path


def run(folder: Path, contract: Contract, given_rows: list[dict[str, Any]]) -> Sieved:
    folder.mkdir(exist_ok=True)
    write_changed(folder, contract, given_rows)
    return Sieve(contract, ON, "639900").run(folder, sample_rows=1000)


def table(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    return found


def one_rule_at_a_time(
    folder: Path, contract: Contract, given_rows: list[dict[str, Any]]
) -> dict[int, set[str]]:
    """What each row breaks, each rule asked alone."""
    sieve = Sieve(contract, ON, "639900")
    broken: dict[int, set[str]] = {n: set() for n in range(1, len(given_rows) + 1)}
    with columnar() as duck:
        for rule in sieve.rules:
            typed = sieve.typed_sql(f"read_parquet('{folder}/changed.parquet')")
            for (row,) in duck.execute(f"{typed} select _row from typed where {rule.breaks_when}").fetchall():
                asks_key = bool(rule.fields) and set(rule.fields) <= set(contract.key)
                if given_rows[row - 1].get("_op") != "D" or asks_key:
                    broken[row].add(rule.id)
    return broken


@settings(max_examples=25, deadline=None)
@given(given_rows=rows)
def test_labels_are_those_of_each_rule_asked_alone(
    given_rows: list[dict[str, Any]], module_home: Path, county: ModuleType
) -> None:
    folder = module_home / "sieve"
    sieved = run(folder, county.POSTS, given_rows)
    expected = one_rule_at_a_time(folder, county.POSTS, given_rows)
    must_fix = {r.id for r in Sieve(county.POSTS, ON, "639900").rules if r.severity is Severity.FIX}
    good, bad = table(sieved.accepted), table(sieved.quarantined)
    assert {row["_row"]: set(row["_rules"]) for row in bad} == {
        n: ids for n, ids in expected.items() if ids & must_fix
    }
    assert {row["_row"]: set(row["_warnings"]) for row in good} == {
        n: ids for n, ids in expected.items() if not ids & must_fix
    }
    assert (sieved.accepted_rows, sieved.quarantined_rows) == (len(good), len(bad))
    assert sum(sieved.rule_rows.values()) == sum(map(len, expected.values()))


@settings(max_examples=8, deadline=None)
@given(given_rows=rows, few=st.sampled_from([0, 3, 12]), sample_rows=st.sampled_from([2, 12]))
def test_many_rows_come_out_as_few_do(
    given_rows: list[dict[str, Any]], few: int, sample_rows: int, module_home: Path, county: ModuleType
) -> None:
    def outcome() -> tuple[object, ...]:
        sieved = Sieve(county.POSTS, ON, "639900").run(folder, sample_rows=sample_rows)
        good, bad = (
            sorted(table(path), key=itemgetter("_row")) for path in (sieved.accepted, sieved.quarantined)
        )
        return good, bad, sorted(map(repr, table(sieved.sample))), sieved.rule_rows, sieved.warned_rows

    folder = module_home / "many"
    folder.mkdir(exist_ok=True)
    write_changed(folder, county.POSTS, given_rows)
    at_once = outcome()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("xianjie.validation.sieve._FEW_ROWS", few)
        assert outcome() == at_once


def test_quarantined_rows_stay_as_delivered_and_accepted_ones_are_typed(
    module_home: Path, county: ModuleType
) -> None:
    folder = module_home / "typed"
    rows = [county.good_row(1, pay_yuan="３,０00.50"), county.good_row(2, pay_yuan=" 很多 ")]
    sieved = run(folder, county.POSTS, rows)
    (good,), (bad,) = table(sieved.accepted), table(sieved.quarantined)
    assert str(good["pay_yuan"]) == "3000.50"
    assert good["starts_on"] == dt.date(2026, 1, 5)
    assert bad["pay_yuan"] == " 很多 "
    assert bad["_rules"] == ["TST-01.pay_yuan.type"]


def test_a_withdrawn_row_needs_its_key_only(module_home: Path, county: ModuleType) -> None:
    rows = [{"post_no": "P1", "_op": "D"}, {"post_no": None, "_op": "D"}, {"post_no": "P1"}]
    sieved = run(module_home / "withdrawn", county.POSTS, rows)
    assert [row["_row"] for row in table(sieved.accepted)] == [1]
    assert sieved.withdrawn_rows == 1
    assert table(sieved.quarantined)[0]["_rules"] == ["TST-01.post_no.missing"]


def test_more_rules_than_one_word_holds_are_all_kept(module_home: Path, county: ModuleType) -> None:
    many = tuple(
        Rule(id=f"TST-01.many_{n}", title="t", breaks_when=f"remark = '{n}' or remark = 'all'", fix="f")
        for n in range(200)
    )
    contract = county.POSTS.model_copy(update={"rules": many})
    rows = [county.good_row(1, remark="137"), county.good_row(2, remark="all"), county.good_row(3)]
    sieved = run(module_home / "many", contract, rows)
    broken = {row["_row"]: row["_rules"] for row in table(sieved.quarantined)}
    assert broken == {1: ["TST-01.many_137"], 2: [f"TST-01.many_{n}" for n in range(200)]}


def test_a_rule_that_does_not_run_is_named_without_a_value(module_home: Path, county: ModuleType) -> None:
    contract = county.POSTS.model_copy(
        update={
            "rules": (Rule(id="TST-01.wrong", title="t", breaks_when="cast(name as integer) > 1", fix="f"),)
        }
    )
    with pytest.raises(SieveError, match=r"TST-01\.wrong") as caught:
        run(module_home / "wrong", contract, [county.good_row(1)])
    assert "杨" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_every_contract_of_the_catalogue_can_be_sieved(module_home: Path) -> None:
    contracts = catalogue().active()
    assert len(contracts) >= 12
    for contract in contracts:
        sieved = run(module_home / contract.dataset, contract, [{}, {"_op": "D"}])
        (bad, *_), key = table(sieved.quarantined), contract.key[0]
        assert f"{contract.code}.{key}.missing" in bad["_rules"]


def test_the_sample_holds_no_personal_value(module_home: Path, county: ModuleType) -> None:
    sieved = run(
        module_home / "sample", county.POSTS, [county.good_row(n) for n in range(20)] + [{"sex": "未知物"}]
    )
    sample = pq.read_table(sieved.sample)
    assert sample.column_names == ["post_no", "sex"]
    assert {value for row in sample.to_pylist() for value in row.values()} == {1, None, "1", "2", "未知代码"}

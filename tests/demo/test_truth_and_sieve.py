"""The truth agrees with what the contracts' rules find in what was delivered."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import duckdb
import pytest
from demo_scene import NIGHTS, Scene

from demo.book import contracts
from xianjie import landing, validation
from xianjie.contract import derive
from xianjie.contract.model import Contract, Severity

FIRST = NIGHTS[0]


def _land(scene: Scene, contract: Contract, day: dt.date, folder: Path) -> landing.Delivery:
    """Lands what the department holds, without going through its server."""
    path = folder / f"{contract.id}.csv"
    names = ", ".join(field.name for field in contract.fields)
    held = scene.place.root / "county" / "nights" / str(day) / "held" / f"{contract.id}.parquet"
    with duckdb.connect() as connection, path.open("w", encoding="utf-8", newline="") as file:
        rows = connection.execute(
            f"select {names} from '{held}' where not _deleted order by _key, _copy"
        ).fetchall()
        writer = csv.writer(file)
        writer.writerow(field.label for field in contract.fields)
        writer.writerows(rows)
    header = tuple(field.label for field in contract.fields)
    return landing.publish(contract, day, [landing.CsvTable(path.name, header, path)], mode="full")


@pytest.mark.parametrize("contract", contracts(), ids=lambda contract: contract.id)
def test_the_sieve_quarantines_the_damaged_rows_and_no_others(
    warehouse_url: str, scene: Scene, ask: duckdb.DuckDBPyConnection, tmp_path: Path, contract: Contract
) -> None:
    delivery = _land(scene, contract, FIRST, tmp_path)
    verdict = validation.check(contract, delivery.delivery_id)
    assert verdict.decision == "accept", verdict.reason
    found = ask.execute(
        f"select _row, _rules from '{landing.work_folder(delivery)}/quarantined.parquet'"
    ).fetchall()
    expected = dict(
        ask.execute(
            f"select source_row, rule_ids from '{scene.truth(FIRST)}/quarantined.parquet' where dataset = ?",
            [contract.id],
        ).fetchall()
    )
    assert {row for row, _ in found} == set(expected)
    for row, rules in found:
        assert set(expected[row]) <= set(rules)


def test_expected_rules_exist(scene: Scene, ask: duckdb.DuckDBPyConnection) -> None:
    known = {
        rule.id
        for contract in contracts()
        for rule in derive.rules(contract)
        if rule.severity is Severity.FIX
    }
    named = ask.execute(
        f"select distinct unnest(rule_ids) from '{scene.truth(FIRST)}/quarantined.parquet'"
    ).fetchall()
    assert {name for (name,) in named} <= known

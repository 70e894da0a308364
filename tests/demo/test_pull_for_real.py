"""What the real intake pulls from the demo's servers comes to what the truth says."""

from __future__ import annotations

import datetime as dt
import json

import duckdb
import pytest
from demo_scene import NIGHTS, Scene

from demo.book import contracts
from demo.links import connections
from xianjie import intake, landing, validation
from xianjie.contract.model import Contract

FIRST, _, THIRD = NIGHTS
FILES = [contract for contract in contracts() if contract.source.connector == "sftp"]
LIVE = [contract for contract in contracts() if contract.source.connector != "sftp"]


@pytest.fixture
def connected(serving: Scene, monkeypatch: pytest.MonkeyPatch) -> Scene:
    for name, value in connections(serving.place).items():
        monkeypatch.setenv(name, value)
    return serving


def _pull(contract: Contract, day: dt.date) -> validation.Verdict:
    pulled = intake.pull(contract, day)
    assert pulled.outcome == "landed", pulled.reason
    verdict = validation.check(contract, str(pulled.delivery_id))
    assert verdict.decision == "accept", verdict.reason
    return verdict


@pytest.mark.parametrize("contract", FILES, ids=lambda contract: contract.id)
def test_files_of_the_first_night_are_judged_row_by_row_as_the_truth_says(
    warehouse_url: str, connected: Scene, ask: duckdb.DuckDBPyConnection, contract: Contract
) -> None:
    verdict = _pull(contract, FIRST)
    counts = json.loads((connected.truth(FIRST) / "counts.json").read_text(encoding="utf-8"))[contract.id]
    names = ("landed", "accepted", "quarantined")
    assert {name: getattr(verdict.ledger, name) for name in names} == {name: counts[name] for name in names}
    folder = landing.work_folder(landing.load(verdict.delivery_id))
    found = dict(ask.execute(f"select _row, _rules from '{folder}/quarantined.parquet'").fetchall())
    truth = f"from '{connected.truth(FIRST)}/quarantined.parquet' where dataset = ?"
    expected = dict(ask.execute(f"select source_row, rule_ids {truth}", [contract.id]).fetchall())
    assert set(found) == set(expected)
    assert all(set(expected[row]) <= set(found[row]) for row in found)


@pytest.mark.parametrize("contract", LIVE, ids=lambda contract: contract.id)
def test_servers_hold_as_many_bad_rows_as_the_truth_says(
    warehouse_url: str, connected: Scene, ask: duckdb.DuckDBPyConnection, contract: Contract
) -> None:
    verdict = _pull(contract, THIRD)
    truth = f"from '{connected.truth(THIRD)}/quarantined.parquet' where dataset = ?"
    assert (
        verdict.ledger.quarantined == ask.execute(f"select count(*) {truth}", [contract.id]).fetchall()[0][0]
    )
    believed = f"'{connected.truth(THIRD)}/believed/{contract.id}.parquet'"
    assert verdict.ledger.accepted <= ask.execute(f"select count(*) from {believed}").fetchall()[0][0]

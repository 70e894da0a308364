"""The command line against a real warehouse: what it prints, and with which exit code."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from xianjie.cli import app
from xianjie.commands import at_hand
from xianjie.database.engine import transaction
from xianjie.settings import REPOSITORY, settings

DAY = dt.date(2026, 9, 21)


@pytest.fixture
def run():
    return lambda *arguments: CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def night(warehouse_url: str) -> str:
    """A date with one dataset that was refused."""
    values = {"day": DAY, "id": "d-1"}
    with transaction() as connection:
        connection.execute(
            text(
                """
                insert into ops.receipt (receipt_id, county_code, department, dataset, business_date, outcome,
                    delivery_id, started_at, finished_at)
                values (gen_random_uuid(), '639900', 'housing', 'renovation', :day, 'landed', :id, now(),
                    now())
                """
            ),
            values,
        )
        connection.execute(
            text(
                "insert into ops.conclusion (county_code, department, dataset, business_date, outcome,"
                " delivery_id, error_code, reason, concluded_at) values ('639900', 'housing', 'renovation',"
                " :day, 'refused', :id, 'XJ-X', '行数骤减', now())"
            ),
            values,
        )
    return warehouse_url


def test_status_says_what_every_dataset_came_to(run, night):
    done = run("night", "status", "--date", DAY, "--json")
    assert done.exit_code == 0
    found = json.loads(done.stdout)
    assert found["business_date"] == "2026-09-21"
    assert found["datasets"] == [
        {
            "department": "housing",
            "dataset": "renovation",
            "pulled": "landed",
            "verdict": None,
            "concluded": "refused",
            "code": "XJ-X",
            "reason": "行数骤减",
            "delivery_id": "d-1",
        }
    ]


def test_status_without_a_date_is_that_of_the_latest(run, night):
    assert json.loads(run("night", "status", "--json").stdout)["business_date"] == str(DAY)


def test_status_of_a_date_without_a_night_is_empty(run, night):
    assert json.loads(run("night", "status", "--date", "2020-01-01", "--json").stdout)["datasets"] == []


def test_a_ledger_of_a_date_is_one_json_document(run, night):
    done = run("ledger", "--date", DAY, "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout)["business_date"] == "2026-09-21"


def test_settings_say_where_a_value_came_from_and_hide_secrets(run, night):
    done = run("settings", "--json")
    rows = {row["variable"]: row for row in json.loads(done.stdout)}
    assert rows["XIANJIE_COUNTY_CODE"] | {"description": ""} == {
        "variable": "XIANJIE_COUNTY_CODE",
        "value": "639900",
        "source": "环境变量",
        "description": "",
    }
    assert rows["XIANJIE_LANGUAGE"]["source"] == "默认值"
    for secret in ("XIANJIE_TOKEN_KEY", "XIANJIE_VAULT_KEY", "XIANJIE_WAREHOUSE_URL"):
        assert rows[secret]["value"] == "已设置"
    assert "11" * 32 not in done.stdout
    assert settings().require_warehouse_url() not in done.stdout


def test_a_night_without_a_scheduler_says_what_to_run_next(tmp_path):
    done = xianjie("night", "run", "--date", str(DAY), home=tmp_path)
    assert done.returncode == 1
    assert "--inline" in done.stderr
    assert not done.stdout


@pytest.mark.parametrize("date", ["2026-13-01", "yesterday", "20260921"])
def test_a_date_must_be_a_date(date, tmp_path):
    done = xianjie("ledger", "--date", date, home=tmp_path)
    assert done.returncode in (1, 2)
    assert "YYYY-MM-DD" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_command_without_a_warehouse_says_how_to_name_one(tmp_path):
    done = xianjie("ledger", "--date", str(DAY), home=tmp_path)
    assert done.returncode == 1
    assert "XIANJIE_WAREHOUSE_URL" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_department_must_have_a_contract(run, night):
    done = run("night", "run", "--date", DAY, "--inline", "--department", "weather")
    assert done.exit_code == 2


def test_pools_are_what_airflow_imports(run):
    pools = json.loads(run("contract", "pools").stdout)
    assert pools
    assert all(set(pool) == {"slots", "description", "include_deferred"} for pool in pools.values())


def test_the_environment_wins_over_the_demo(tmp_path, monkeypatch):
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "demo.env").write_text(
        "XIANJIE_WAREHOUSE_URL=postgresql://demo\nXIANJIE_LANGUAGE=en\n", encoding="utf-8"
    )
    monkeypatch.setenv("XIANJIE_HOME", str(tmp_path))
    monkeypatch.setenv("XIANJIE_LANGUAGE", "zh")
    monkeypatch.delenv("XIANJIE_WAREHOUSE_URL", raising=False)
    monkeypatch.setattr(at_hand, "from_demo", set())
    at_hand.load_demo_environment()
    try:
        assert os.environ["XIANJIE_WAREHOUSE_URL"] == "postgresql://demo"
        assert os.environ["XIANJIE_LANGUAGE"] == "zh"
        assert at_hand.from_demo == {"XIANJIE_WAREHOUSE_URL"}
    finally:
        monkeypatch.delenv("XIANJIE_WAREHOUSE_URL")
        settings.cache_clear()


def test_a_named_warehouse_leaves_the_demo_alone(tmp_path, monkeypatch):
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "demo.env").write_text("XIANJIE_COUNTY_CODE=639900\n", encoding="utf-8")
    monkeypatch.setenv("XIANJIE_HOME", str(tmp_path))
    monkeypatch.setenv("XIANJIE_WAREHOUSE_URL", "postgresql://real")
    monkeypatch.setattr(at_hand, "from_demo", set())
    at_hand.load_demo_environment()
    assert at_hand.from_demo == set()


def xianjie(*arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    """The real program in a process of its own, with nothing but a home."""
    environment = {
        "PATH": os.environ["PATH"],
        "XIANJIE_HOME": str(home),
        "COLUMNS": "200",
        "AIRFLOW_HOME": str(home),
    }
    command = [sys.executable, "-c", "from xianjie.cli import main; main()", *arguments]
    return subprocess.run(
        command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False
    )

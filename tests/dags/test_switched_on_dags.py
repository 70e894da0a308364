"""A department is in the DAG list when it is switched on, and nowhere when it is not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from xianjie.contract.catalogue import catalogue
from xianjie.night.pools import pools
from xianjie.settings import REPOSITORY, settings

WAITING = {contract.department for contract in catalogue()} - set(catalogue().by_department())


@pytest.fixture
def switched_on(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("XIANJIE_DATASETS_ON", "water,agriculture.land")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


def parse(file: str) -> dict[str, Any]:
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(dag_folder=str(REPOSITORY / "dags" / file), collect_dags=True)
    assert not bag.import_errors, bag.import_errors
    return dict(bag.dags)


def test_a_waiting_department_has_no_dag_and_no_pool(airflow_home: Path) -> None:
    found = parse("intake.py")
    assert found
    assert len(WAITING) > 10
    assert not {f"intake_{department}" for department in WAITING} & set(found)
    assert not [pool for pool in pools() if any(name in pool["name"] for name in WAITING)]


def test_what_is_switched_on_has_a_dag_with_its_pulls_and_the_warehouse_waits_for_it(
    airflow_home: Path, switched_on: None
) -> None:
    found = parse("intake.py")
    assert {name.removeprefix("intake_") for name in found if name.removeprefix("intake_") in WAITING} == {
        "water",
        "agriculture",
    }
    pulls = {
        task.task_id: task.pool for task in found["intake_water"].tasks if task.task_id.startswith("pull_")
    }
    assert pulls == dict.fromkeys(
        ("pull_complaints", "pull_outages", "pull_supply_works", "pull_water_tests"), "source_water_sftp"
    )
    assert [t.task_id for t in found["intake_agriculture"].tasks if t.task_id.startswith("pull_")] == [
        "pull_land"
    ]
    assert found["intake_water"].dag_display_name == "摄取 · 水利局"
    assert "source_water_sftp" in {pool["name"] for pool in pools()}
    waited_for = str(parse("warehouse.py")["warehouse"].timetable.asset_condition)
    for department in ("water", "agriculture", "education"):
        assert f"'department_{department}'" in waited_for
    assert "'department_finance'" not in waited_for

"""The DAGs as Airflow's DAG processor sees them."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from xianjie.settings import REPOSITORY


@pytest.fixture(scope="session")
def airflow_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("airflow")
    values = {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(REPOSITORY / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(REPOSITORY / "plugins"),
    }
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    yield home
    for name, value in before.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


@pytest.fixture(scope="session")
def parsed(airflow_home: Path) -> tuple[dict, dict[str, float]]:
    """All DAGs by id, and the seconds each file took to parse."""
    from airflow.dag_processing.dagbag import DagBag

    dags, seconds = {}, {}
    for path in sorted((REPOSITORY / "dags").glob("*.py")):
        begun = time.perf_counter()
        bag = DagBag(dag_folder=str(path), collect_dags=True)
        seconds[path.name] = time.perf_counter() - begun
        assert not bag.import_errors, bag.import_errors
        dags |= bag.dags
    return dags, seconds

"""Real engines for every test: one embedded PostgreSQL a session, one migrated database a module."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from xianjie.database import embedded, migrate
from xianjie.database.engine import engine
from xianjie.settings import settings

_TEMPLATE = "xianjie_template"
_PASSWORD = "test-only"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Run side by side, the tests of a file stay together, and those of whole nights all of them."""
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            path = nodeid.partition("::")[0]
            return "tests/night" if path.startswith("tests/night/") else path

    config.option.loadscopereorder = False  # would start files with many tests first, whatever they take
    return ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that may take longest start first: else they are what everybody waits for in the end."""
    longest: dict[Path, float] = {}
    for item in items:
        marker = item.get_closest_marker("timeout")
        longest[item.path] = max(longest.get(item.path, 0.0), float(marker.args[0]) if marker else 0.0)
    items.sort(key=lambda item: longest[item.path], reverse=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[embedded.Server]:
    """An embedded PostgreSQL with a migrated template database."""
    root = Path(tempfile.mkdtemp(prefix="xianjie-test-", dir="/var/tmp"))
    root.chmod(0o755)
    server = embedded.start(root / "postgres")
    template = embedded.create_database(server, _TEMPLATE, "xianjie", _PASSWORD, create_role=True)
    migrate.upgrade(template)
    engine(template).dispose()  # a template with an open session cannot be copied
    yield server
    embedded.stop(root / "postgres")
    shutil.rmtree(root, ignore_errors=True)


@pytest.fixture(scope="module")
def module_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home of its own for one module: state, landing, out, keys, the fixture county."""
    home = tmp_path_factory.mktemp("home")
    values = {
        "XIANJIE_HOME": str(home),
        "XIANJIE_OUT_DIR": str(home / "out"),
        "XIANJIE_COUNTY_CODE": "639900",
        "XIANJIE_ALLOW_FIXTURE_IDS": "1",
        "XIANJIE_TOKEN_KEY": "11" * 32,
        "XIANJIE_VAULT_KEY": "22" * 32,
    }
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    settings.cache_clear()
    yield home
    for name, value in before.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    settings.cache_clear()


@pytest.fixture(scope="module")
def warehouse_url(postgres: embedded.Server, module_home: Path) -> Iterator[str]:
    """A fresh, migrated warehouse for one module; the settings point at it."""
    name = f"t_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgres.dsn(), autocommit=True) as connection:
        connection.execute(
            sql.SQL("create database {} template {} owner xianjie").format(
                sql.Identifier(name), sql.Identifier(_TEMPLATE)
            )
        )
    url = postgres.url(name, "xianjie", _PASSWORD)
    os.environ["XIANJIE_WAREHOUSE_URL"] = url
    settings.cache_clear()
    yield url
    os.environ.pop("XIANJIE_WAREHOUSE_URL", None)
    settings.cache_clear()

"""A migrated warehouse whose facts are plain rows, one for all tests of a module."""

from __future__ import annotations

import pytest

from tests.sql import scratch_facts
from xianjie.database.engine import transaction


@pytest.fixture(scope="module")
def scratch(warehouse_url: str) -> None:
    scratch_facts.install()


@pytest.fixture(autouse=True)
def empty(scratch: None) -> None:
    with transaction() as connection:
        scratch_facts.clear(connection)

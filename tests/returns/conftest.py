"""Each test has a county of its own in the module's database."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from returns_helpers import Office

from xianjie.settings import settings

_counties = (f"6399{n:02d}" for n in itertools.cycle(range(1, 60)))


@pytest.fixture
def office(warehouse_url: str, tmp_path: Path) -> Iterator[Office]:
    """An office that hands workbooks in, in a county nobody else is in."""
    before = os.environ["XIANJIE_COUNTY_CODE"]
    os.environ["XIANJIE_COUNTY_CODE"] = next(_counties)
    settings.cache_clear()
    yield Office(tmp_path)
    os.environ["XIANJIE_COUNTY_CODE"] = before
    settings.cache_clear()

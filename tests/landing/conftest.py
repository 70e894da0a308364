"""Fixtures of the landing's tests; the plain helpers are in `landing_helpers`."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from landing_helpers import HEADER, Row, make_contract

from xianjie.contract.model import Contract


@pytest.fixture
def contract() -> Contract:
    return make_contract()


@pytest.fixture
def write_csv(tmp_path: Path) -> Callable[..., Path]:
    def write(rows: Iterable[Row], header: Row = HEADER, name: str = "学籍.csv") -> Path:
        path = tmp_path / name
        with path.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([header, *rows])
        return path

    return write

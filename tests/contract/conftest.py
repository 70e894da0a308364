"""Helpers: values through a DuckDB expression, and a small include folder to write in."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from xianjie.settings import REPOSITORY

Evaluate = Callable[[str, Sequence[str | None]], list[Any]]
Write = Callable[[dict[str, Any]], Path]


@pytest.fixture(scope="session")
def evaluate() -> Evaluate:
    """`evaluate(expression over x, values)` → one result per value, in order."""
    connection = duckdb.connect()

    def run(expression: str, values: Sequence[str | None]) -> list[Any]:
        query = (
            "with given as (select unnest(?::varchar[]) as x, generate_subscripts(?::varchar[], 1) as n)"
            f" select {expression} from given order by n"
        )
        return [row[0] for row in connection.execute(query, [list(values), list(values)]).fetchall()]

    return run


@pytest.fixture
def include(tmp_path: Path) -> Path:
    """A copy of the include folder's code lists, with no contract yet."""
    shutil.copytree(REPOSITORY / "include" / "codes", tmp_path / "codes")
    (tmp_path / "contracts").mkdir()
    return tmp_path


@pytest.fixture
def document() -> dict[str, Any]:
    """A small, sound contract document, to be changed by the test."""
    return yaml.safe_load(
        """
apiVersion: v3.1.0
kind: DataContract
id: water.outage
name: 停水事件
version: 1.0.0
status: active
domain: water
description: {purpose: 停水的村和起止时间。}
team: {name: 水利局, members: [{username: water_owner, name: 农村水利股, role: owner}]}
slaProperties:
  - {property: arrival_deadline, value: "21:30"}
  - {property: cutoff, value: "22:00"}
servers: [{server: water_sftp, type: custom}]
customProperties:
  - property: xianjie
    value:
      code: WAT-01
      delivery_mode: full
      division: division_code
      source: {connector: sftp, connection: water_sftp, format: csv, options: {path: "/停水.csv"}}
schema:
  - name: water_outage
    businessName: 停水事件
    properties:
      - {name: outage_no, businessName: 事件编号, logicalType: string, physicalType: varchar(20),
         primaryKey: true, primaryKeyPosition: 1, classification: L1}
      - {name: division_code, businessName: 区划代码, logicalType: string, physicalType: varchar(12),
         required: true, classification: L1,
         customProperties: [{property: xianjie, value: {code_list: division}}]}
      - {name: started_date, businessName: 停水日期, logicalType: date,
         physicalType: date, classification: L1}
      - {name: ended_date, businessName: 恢复日期, logicalType: date, physicalType: date,
         classification: L1}
    quality:
      - id: ended_before_started
        name: 恢复早于停水
        type: custom
        engine: duckdb
        implementation: ended_date < started_date
        severity: fix
        customProperties:
          - {property: xianjie, value: {fields: [started_date, ended_date], fix: 请核对两个日期}}
"""
    )


@pytest.fixture
def write(include: Path) -> Write:
    """Writes a document where its id says; returns the include folder."""

    def write_document(document: dict[str, Any]) -> Path:
        path = include / "contracts" / f"{document['id'].replace('.', '/')}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
        return include

    return write_document


@pytest.fixture
def write_document(write: Write) -> Write:
    """`write`, for modules that use the name for something else."""
    return write

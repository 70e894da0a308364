"""A small contract and ways to land rows of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import duckdb

from xianjie import landing
from xianjie.contract.model import Contract, Field, FieldKind, Source

DAY = dt.date(2026, 9, 21)
HEADER = ("身份证号", "姓名", "学校名称", "年级")

Row = Sequence[str | None]


def make_contract(**changes: object) -> Contract:
    values: dict[str, object] = {
        "id": "education.enrolment",
        "code": "EDU-01",
        "version": "1.0.0",
        "department": "education",
        "department_title": "教育局",
        "dataset": "enrolment",
        "title": "学籍在校生",
        "key": ("id_number",),
        "delivery_mode": "full",
        "arrival_deadline": dt.time(22),
        "cutoff": dt.time(22),
        "source": Source(connector="folder", format="csv"),
        "fields": (
            Field(name="id_number", label="身份证号", kind=FieldKind.ID_NUMBER, aliases=("SFZJH",)),
            Field(name="name", label="姓名", kind=FieldKind.NAME),
            Field(name="school", label="学校名称"),
            Field(name="grade", label="年级"),
        ),
    }
    return Contract.model_validate(values | changes)


def batch_table(rows: Sequence[Row], header: Sequence[str] = HEADER, **options: int) -> landing.BatchTable:
    return landing.BatchTable("rows", tuple(header), landing.text_batches(rows, len(header)), **options)


def land(
    contract: Contract,
    rows: Sequence[Row],
    *,
    day: dt.date = DAY,
    mode: str = "full",
    header: Sequence[str] = HEADER,
) -> landing.Delivery:
    return landing.publish(contract, day, [batch_table(rows, header)], mode=mode)  # type: ignore[arg-type]


def read(path: str | Path, columns: str = "*") -> list[tuple[object, ...]]:
    return duckdb.sql(f"select {columns} from read_parquet('{path}')").fetchall()

"""A small contract, and what a receipt says."""

from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path
from typing import Any

import duckdb
from sqlalchemy import text

from xianjie import dates, landing
from xianjie.contract.model import Contract, Field, FieldKind, Source
from xianjie.database.engine import transaction

DAY = dt.date(2026, 9, 21)
BEFORE_CUTOFF = dates.at(DAY, dt.time(20, 30))
AFTER_CUTOFF = dates.at(DAY, dt.time(22, 0))
HEADER = ("身份证号", "姓名", "学校名称", "年级")
SECRET = "s3cret-w0rd"
PERSON = "639900201001011234"

FIELDS = (
    Field(name="id_number", label="身份证号", kind=FieldKind.ID_NUMBER, aliases=("SFZJH",)),
    Field(name="name", label="姓名", kind=FieldKind.NAME, aliases=("XM",)),
    Field(name="school", label="学校名称", aliases=("XXMC",)),
    Field(name="grade", label="年级", aliases=("NJ",)),
)


def make_contract(source: Source, **changes: object) -> Contract:
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
        "source": source,
        "fields": FIELDS,
    }
    return Contract.model_validate(values | changes)


def set_connection(name: str, **values: Any) -> None:
    os.environ[f"AIRFLOW_CONN_{name.upper()}"] = json.dumps(values)


def receipts(business_date: dt.date = DAY) -> list[Any]:
    query = text("select * from ops.receipt where business_date = :day order by finished_at")
    with transaction() as connection:
        return list(connection.execute(query, {"day": business_date}).mappings())


def last_receipt() -> Any:
    with transaction() as connection:
        return connection.execute(
            text("select * from ops.receipt order by finished_at desc limit 1")
        ).mappings().one()  # fmt: skip


def landed(
    delivery_id: str | None, columns: str = "id_number, name, school, grade"
) -> list[tuple[object, ...]]:
    assert delivery_id is not None
    path = landing.load(delivery_id).data_path
    return duckdb.sql(f"select {columns} from read_parquet('{path}')").fetchall()


def original(delivery_id: str | None, name: str) -> Path:
    assert delivery_id is not None
    return Path(landing.load(delivery_id).data_path).parent / "original" / name

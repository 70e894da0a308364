"""A small dataset of its own, landed for real, checked for real."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest
from sqlalchemy import text

from xianjie import landing
from xianjie.contract.id_number import check_digit
from xianjie.contract.model import Contract, Field, FieldKind, FieldType, Rule, Severity, Source, Tolerances
from xianjie.database.engine import transaction

COUNTY = "639900"
FIRST = dt.date(2026, 9, 21)
Row = Mapping[str, str | None]
Deliver = Callable[..., landing.Delivery]

POSTS = Contract(
    id="employment.test_posts",
    code="TST-01",
    version="1.0.0",
    department="employment",
    department_title="就业局",
    dataset="test_posts",
    title="试验岗位",
    key=("post_no",),
    subject="id_number",
    subject_name="name",
    delivery_mode="full",
    arrival_deadline=dt.time(22),
    cutoff=dt.time(22),
    source=Source(connector="folder", options={"path": "x"}, format="csv"),
    tolerances=Tolerances(min_rows=5),
    fields=(
        Field(name="post_no", label="岗位编号", required=True, max_length=12),
        Field(name="name", label="姓名", required=True, kind=FieldKind.NAME),
        Field(name="id_number", label="身份证号", required=True, kind=FieldKind.ID_NUMBER),
        Field(name="sex", label="性别", code_list="sex"),
        Field(name="pay_yuan", label="补贴金额", type=FieldType.DECIMAL, precision=10, scale=2),
        Field(name="starts_on", label="上岗日期", type=FieldType.DATE),
        Field(name="ends_on", label="离岗日期", type=FieldType.DATE),
        Field(name="remark", label="备注", drift="evolve"),
    ),
    rules=(
        Rule(
            id="TST-01.ends_after_start",
            title="离岗早于上岗",
            breaks_when="ends_on < starts_on",
            fix="请核对起止日期",
            fields=("starts_on", "ends_on"),
            external_number="3_01_005",
            level=3,
        ),
        Rule(
            id="TST-01.pay_high",
            title="补贴偏高",
            breaks_when="pay_yuan > 3000",
            fix="请核对金额",
            severity=Severity.WARN,
            fields=("pay_yuan",),
        ),
    ),
)


def id_number(n: int) -> str:
    """The n-th valid fixture ID number."""
    first = f"639900{1950 + n % 50}{1 + n % 12:02d}{1 + n % 28:02d}{n % 1000:03d}"
    return first + check_digit(first)


def good_row(n: int, **changes: str | None) -> dict[str, str | None]:
    """A row that breaks no rule."""
    row = {
        "post_no": f"P{n:06d}",
        "name": f"杨{'秀英'}{n}",
        "id_number": id_number(n),
        "sex": "男" if n % 2 else "女",
        "pay_yuan": f"{800 + n % 7}.50",
        "starts_on": "2026-01-05",
        "ends_on": None,
        "remark": None,
    }
    return row | changes


def batches(rows: Sequence[Row], header: Sequence[str]) -> pa.RecordBatch:
    columns = [pa.array([row.get(name) for row in rows], pa.string()) for name in header]
    return pa.record_batch(columns, schema=landing.batch_schema(len(header)))


@pytest.fixture
def deliver(warehouse_url: str) -> Deliver:
    """Lands rows as one delivery of `POSTS` (or another contract); columns by label, or as `renamed`."""

    def land(
        rows: Sequence[Row],
        day: dt.date = FIRST,
        *,
        contract: Contract = POSTS,
        mode: str = "full",
        without: Sequence[str] = (),
        renamed: Mapping[str, str] | None = None,
        extra: Mapping[str, str] | None = None,
    ) -> landing.Delivery:
        names = [field.name for field in contract.fields if field.name not in without] + list(extra or {})
        if any("_op" in row for row in rows):
            names.append("_op")
        labels = {f.name: f.label for f in contract.fields} | dict(renamed or {}) | {"_op": "withdrawn"}
        header = tuple(labels.get(name, name) for name in names)
        filled = [dict(row) | dict(extra or {}) for row in rows]
        table = landing.BatchTable("岗位.csv", header, iter([batches(filled, names)]), first_line=2)
        return landing.publish(contract, day, [table], mode=mode, county_code=COUNTY)

    return land


@pytest.fixture
def clean_slate(warehouse_url: str) -> None:
    """Empties the tables that checks write, so that a test sees its own history only."""
    with transaction() as connection:
        for table in (
            "quality.quarantined_row",
            "quality.warned_row",
            "quality.finding",
            "quality.rule_count",
            "quality.profile",
            "quality.gate_result",
            "quality.decision",
            "ops.conclusion",
            "ops.receipt",
            "ops.diff_base",
            "ops.ledger",
            "ops.delivery",
        ):
            connection.execute(text(f"delete from {table}"))


def merged(*deliveries: landing.Delivery) -> None:
    """What the warehouse records when it merges: the last delivery's date has this chain as its base."""
    last = deliveries[-1]
    with transaction() as connection:
        connection.execute(
            text(
                "insert into ops.diff_base values (:c, :d, :s, :b, :ids, now()) on conflict "
                "(county_code, department, dataset, business_date) "
                "do update set delivery_ids = excluded.delivery_ids"
            ),
            {
                "c": COUNTY,
                "d": last.department,
                "s": last.dataset,
                "b": last.business_date,
                "ids": [each.delivery_id for each in deliveries],
            },
        )


def rows_of(query: str, **values: Any) -> list[Any]:
    """What a query finds, as a list of rows."""
    with transaction() as connection:
        return list(connection.execute(text(query), values).all())


@pytest.fixture(scope="session")
def county() -> Any:
    """Rows, contract and look-ups of this module for the tests.

    Not the module itself: every ``conftest.py`` is called so in ``sys.modules``, the last one to be read wins.
    """
    return SimpleNamespace(**globals())

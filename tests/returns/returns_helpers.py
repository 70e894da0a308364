"""A county of forty public posts, its nights through the real check, and workbooks filled in by hand."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from sqlalchemy import text

from xianjie import landing, returns, validation, warehouse
from xianjie.contract.catalogue import catalogue
from xianjie.contract.id_number import check_digit
from xianjie.contract.model import Contract
from xianjie.database.engine import transaction
from xianjie.landing import Delivery
from xianjie.settings import settings

POSTS = "employment.public_posts"
DAYS = [dt.date(2026, 9, 21) + dt.timedelta(days=n) for n in range(200)]
EARLY = "2025-01-05"  # a contract that ends before it starts
Row = Mapping[str, str | None]


def id_number(n: int) -> str:
    """The n-th valid fixture ID number."""
    first = f"639900{1960 + n % 40}{1 + n % 12:02d}{1 + n % 28:02d}{n % 1000:03d}"
    return first + check_digit(first)


def post(n: int, **changes: str | None) -> dict[str, str | None]:
    """A row that breaks no rule."""
    row = {
        "post_no": f"G{n:05d}", "id_number": id_number(n), "name": f"杨秀{n}", "post_type": "cleaning",
        "post_nature": "rural", "started_date": "2026-01-05", "contract_end_date": "2027-01-04",
    }  # fmt: skip
    return row | changes


def posts(changed: Mapping[int, Row] | None = None, without: Sequence[int] = ()) -> list[dict[str, str | None]]:
    """Forty rows, some of them changed or left out."""
    return [post(n, **(changed or {}).get(n, {})) for n in range(1, 41) if n not in without]


def night(
    day: int, rows: Sequence[Row], contract_id: str = POSTS, *, mode: str = "full", withdrawn: Sequence[Row] = ()
) -> Delivery:
    """Lands, checks and merges one delivery."""
    contract = catalogue().get(contract_id)
    delivery = land(contract, rows, DAYS[day], mode=mode, withdrawn=withdrawn)
    verdict = validation.check(contract, delivery.delivery_id)
    if verdict.decision == "hold":
        validation.decide(delivery.delivery_id, "accept", "tester", "as scripted")
    warehouse.run_night(DAYS[day], county())
    return delivery


def county() -> str:
    return settings().county_code


def land(
    contract: Contract, rows: Sequence[Row], on: dt.date, *, mode: str, withdrawn: Sequence[Row] = ()
) -> Delivery:
    names = [each.name for each in contract.fields]
    mark = str(contract.source.options.get("withdrawn_field", "")) if withdrawn else None
    header = (*(each.label for each in contract.fields), *([mark] if mark else []))
    cells = [[row.get(name) for name in names] + ([None] if mark else []) for row in rows]
    cells += [[row.get(name) for name in names] + ["D"] for row in withdrawn]
    columns = [pa.array([row[n] for row in cells], pa.string()) for n in range(len(header))]
    batch = pa.record_batch(columns, schema=landing.batch_schema(len(header)))
    table = landing.BatchTable("岗位.xlsx", header, iter([batch]), first_line=4)
    return landing.publish(contract, on, [table], mode=mode, county_code=county())  # type: ignore[arg-type]


def query(sql: str, day: int | None = None, **values: Any) -> list[tuple[Any, ...]]:
    with transaction() as connection:
        warehouse.as_of(connection, None if day is None else DAYS[day])
        found = connection.execute(text(sql), {"county": county()} | values)
        return [tuple(row) for row in found] if found.returns_rows else []


def items(kind: str = "quarantined") -> list[tuple[str, int, int | None]]:
    """State, day opened and day closed of the county's items, oldest first."""
    rows = query(
        f"select state, opened_on - date '{DAYS[0]}', closed_on - date '{DAYS[0]}' from quality.item"
        " where county_code = :county and kind = :kind order by opened_on, closed_on, state",
        kind=kind,
    )
    return [(state, opened, closed) for state, opened, closed in rows]


def open_ids(contract_id: str = POSTS, kind: str = "quarantined") -> list[uuid.UUID]:
    """Open items in the order of their rows."""
    department, dataset = contract_id.split(".")
    rows = query(
        "select row_id from quality.item where county_code = :county and department = :department"
        " and dataset = :dataset and kind = :kind and closed_on is null order by delivery_id, source_row",
        department=department, dataset=dataset, kind=kind,
    )  # fmt: skip
    return [row_id for (row_id,) in rows]


def answer(
    row_id: uuid.UUID, decision: str = "correct", *, line: int = 5, reason: str = "", contract_id: str = POSTS,
    **values: str,
) -> returns.Answer:  # fmt: skip
    contract = catalogue().get(contract_id)
    return returns.Answer(
        row_id, contract.department, contract.dataset, contract.version, decision, values, reason, "公益性岗位", line
    )  # type: ignore[arg-type]


def workbook(*answers: returns.Answer, day: int = 0, department: str = "employment") -> returns.Workbook:
    return returns.Workbook(department, DAYS[day], uuid.uuid5(uuid.NAMESPACE_OID, str(day)), answers)


class Office:
    """Hands workbooks in; each is a file of its own unless it is named."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.files = folder, 0

    def file(self, name: str | None = None) -> Path:
        if name is None:
            self.files += 1
        path = self.folder / (name or f"退回数据-{self.files}.xlsx")
        if not path.exists():
            path.write_bytes(f"{uuid.uuid4()}".encode())
        return path

    def apply(
        self, day: int, *answers: returns.Answer, file: str | None = None, department: str = "employment"
    ) -> list[str]:
        """The results, one an answer."""
        return [each.result for each in self.outcomes(day, *answers, file=file, department=department)]

    def outcomes(
        self, day: int, *answers: returns.Answer, file: str | None = None, department: str = "employment"
    ) -> tuple[returns.Outcome, ...]:
        book = workbook(*answers, day=day, department=department)
        return returns.apply(book, self.file(file), channel="test", business_date=DAYS[day], by="clerk")


def held(day: int | None = None) -> dict[str, tuple[str, str | None]]:
    """What the warehouse holds: contract end by post number and masked ID."""
    rows = query(
        "select post_no || ' ' || id_number_masked, contract_end_date::text, post_type from"
        " facts.employment_public_posts where county_code = :county",
        day,
    )
    return {key: (end, kind) for key, end, kind in rows}


def ends(day: int | None = None) -> dict[str, list[str]]:
    """Contract ends by post number."""
    rows = query(
        "select post_no, contract_end_date::text from facts.employment_public_posts where county_code = :county"
        " order by 1, 2",
        day,
    )
    found: dict[str, list[str]] = {}
    for number, end in rows:
        found.setdefault(number, []).append(end)
    return found


def balance(day: int) -> list[tuple[int, int, int, int, int | None]]:
    """The ledger rows of answers on a day: landed, unchanged, accepted, quarantined, merged."""
    rows = validation.returns_ledger(DAYS[day], county())
    return [(r.landed, r.unchanged, r.accepted, r.quarantined, r.merged) for r in rows]


def assert_reconciled(*days: int) -> None:
    for day in days:
        found = warehouse.reconcile(DAYS[day], county())
        assert found.datasets
        assert found.differing == 0, query("select * from ops.reconciliation where county_code = :county")

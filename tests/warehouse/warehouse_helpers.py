"""Real contracts, small rows, landed and judged for real; the gate is left out where a test is not about it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
from sqlalchemy import text
from xianjie import identity, landing, warehouse
from xianjie.contract.catalogue import catalogue
from xianjie.contract.id_number import check_digit
from xianjie.contract.model import Contract
from xianjie.database.engine import Role, transaction
from xianjie.landing import Delivery
from xianjie.validation.balance import balanced, write
from xianjie.validation.sieve import Sieve
from xianjie.warehouse import chain, late

COUNTY = "639900"
VILLAGE, OTHER_VILLAGE = "639900100200", "639900100201"
DAYS = [dt.date(2026, 9, 21) + dt.timedelta(days=n) for n in range(8)]
PERSONS, HOUSEHOLDS = "rural_revitalisation.persons", "rural_revitalisation.households"
DIBAO, HOUSES, POSTS = "civil_affairs.dibao", "housing.house_safety", "employment.public_posts"
RELIEF, STUDENTS = "civil_affairs.temporary_relief", "education.enrolment"

Row = Mapping[str, str | None]


def id_number(n: int) -> str:
    """The n-th valid fixture ID number."""
    first = f"639900{1950 + n % 50}{1 + n % 12:02d}{1 + n % 28:02d}{n % 1000:03d}"
    return first + check_digit(first)


def person(n: int, household: str, **changes: str | None) -> dict[str, str | None]:
    row = {
        "division_code": VILLAGE, "household_no": household, "person_no": f"R{n:05d}", "name": f"杨秀{n}",
        "id_type": "居民身份证", "id_number": id_number(n), "sex": "男" if id_number(n)[16] in "13579" else "女",
        "birth_date": f"{id_number(n)[6:10]}-{id_number(n)[10:12]}-{id_number(n)[12:14]}", "relation": "户主",
    }  # fmt: skip
    return row | changes


def household(number: str, **changes: str | None) -> dict[str, str | None]:
    row = {
        "division_code": VILLAGE, "household_no": number, "head_name": "杨秀", "hh_type": "一般农户", "size_now": "3",
    }  # fmt: skip
    return row | changes


def dibao(n: int, certificate: str, month: str = "202609", **changes: str | None) -> dict[str, str | None]:
    row = {
        "dibao_no": certificate, "id_number": id_number(n), "month": month, "name": f"杨秀{n}", "relation": "户主",
        "division_code": VILLAGE, "household_size": "2", "insured_size": "2", "category": "A", "standard_yuan": "500",
        "household_payment_yuan": "400", "start_month": "202601",
    }  # fmt: skip
    return row | changes


def post(n: int, **changes: str | None) -> dict[str, str | None]:
    row = {
        "post_no": f"G{n:05d}", "id_number": id_number(n), "name": f"杨秀{n}", "post_type": "保洁", "post_nature": "乡村",
        "start_date": "2026-01-05", "contract_end_date": "2026-12-31", "subsidy_standard_yuan": "800",
    }  # fmt: skip
    return row | changes


def land(
    contract_id: str, rows: Sequence[Row], day: dt.date, *, mode: str | None = None, withdrawn: Sequence[Row] = ()
) -> Delivery:
    """Lands rows by field name; `withdrawn` rows carry the withdrawal mark."""
    contract = catalogue().get(contract_id)
    names = [field.name for field in contract.fields]
    mark = str(contract.source.options.get("withdrawn_field", ""))
    header = [*(contract.field(name).label for name in names), *([mark] if withdrawn else [])]
    cells = [[row.get(name) for name in names] + ([None] if withdrawn else []) for row in rows]
    cells += [[row.get(name) for name in names] + ["D"] for row in withdrawn]
    columns = [pa.array([row[n] for row in cells], pa.string()) for n in range(len(header))]
    batch = pa.record_batch(columns, schema=landing.batch_schema(len(header)))
    table = landing.BatchTable("f", tuple(header), iter([batch]))
    return landing.publish(contract, day, [table], mode=mode or contract.delivery_mode, county_code=COUNTY)  # type: ignore[arg-type]


def judge(contract: Contract, delivery: Delivery, base: Sequence[Delivery] | None = None) -> None:
    """Compares, sieves and accepts, without the gate."""
    if base is None:
        base = landing.base_for(contract, delivery.business_date, COUNTY, delivery_id=delivery.delivery_id)
    diff = landing.compare(delivery, base)
    sieved = Sieve(contract, delivery.business_date, COUNTY).run(landing.work_folder(delivery), sample_rows=1)
    with transaction() as connection:
        write(connection, balanced(contract, delivery, diff, sieved), delivery.landed_at)
        connection.execute(
            text("update ops.delivery set verdict = 'accept' where delivery_id = :id"), {"id": delivery.delivery_id}
        )


def take(delivery: Delivery) -> warehouse.MergeResult:
    """Judges, links and merges one delivery, late ones as late; does not settle."""
    contract = catalogue().get(f"{delivery.department}.{delivery.dataset}")
    warehouse.ensure()
    judge(contract, delivery)
    with transaction() as connection:
        chains = chain.read(connection, contract, COUNTY)
    linked = identity.link(contract, delivery)
    return warehouse.merge(contract, delivery, linked, replayed=late.prepare(contract, delivery, chains, judge=judge))


def night(day: dt.date, **rows: Sequence[Row]) -> list[Delivery]:
    """Lands and takes datasets (contract id with ``__`` for the dot), then settles."""
    deliveries = [land(name.replace("__", "."), each, day) for name, each in rows.items()]
    for delivery in deliveries:
        take(delivery)
    warehouse.settle(COUNTY)
    return deliveries


def query(sql: str, *, role: Role = Role.PIPELINE, day: dt.date | None = None, known: Any = None, **values: Any) -> list[Any]:
    """Rows of a query, as of a day."""
    with transaction(role) as connection:
        warehouse.as_of(connection, day, known)
        return list(connection.execute(text(sql), values).all())

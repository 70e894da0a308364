"""Real contracts, small rows, landed and judged for real; the gate is left out where it is not at issue."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
from sqlalchemy import Connection, text

from xianjie import identity, landing, warehouse
from xianjie.contract import typing_sql
from xianjie.contract.catalogue import catalogue
from xianjie.contract.id_number import check_digit
from xianjie.contract.model import Contract
from xianjie.database.columnar import columnar, literal
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
        "id_number": id_number(n), "sex": "1" if id_number(n)[16] in "13579" else "2",
        "birth_date": f"{id_number(n)[6:10]}-{id_number(n)[10:12]}-{id_number(n)[12:14]}", "relation": "02",
    }  # fmt: skip
    return row | changes


def household(number: str, **changes: str | None) -> dict[str, str | None]:
    row = {
        "division_code": VILLAGE, "household_no": number, "head_name": "杨秀", "hh_type": "ordinary",
        "size_now": "3",
    }  # fmt: skip
    return row | changes


def dibao(
    n: int, certificate: str, month: str = "2026-09-01", **changes: str | None
) -> dict[str, str | None]:
    row = {
        "dibao_no": certificate, "id_number": id_number(n), "month": month, "name": f"杨秀{n}",
        "relation": "02", "division_code": VILLAGE, "household_size": "2", "insured_size": "2",
        "category": "A", "standard_yuan": "500", "household_payment_yuan": "400", "start_month": "2026-01-01",
    }  # fmt: skip
    return row | changes


def post(n: int, **changes: str | None) -> dict[str, str | None]:
    row = {
        "post_no": f"G{n:05d}", "id_number": id_number(n), "name": f"杨秀{n}", "post_type": "cleaning",
        "post_nature": "rural", "started_date": "2026-01-05", "contract_end_date": "2027-01-04",
    }  # fmt: skip
    return row | changes


def land(
    contract: str | Contract,
    rows: Sequence[Row],
    day: dt.date,
    *,
    mode: str | None = None,
    withdrawn: Sequence[Row] = (),
    county: str = COUNTY,
) -> Delivery:
    """Lands rows by field name; `withdrawn` rows carry the withdrawal mark."""
    contract = catalogue().get(contract) if isinstance(contract, str) else contract
    names = [field.name for field in contract.fields]
    mark = str(contract.source.options.get("withdrawn_field", ""))
    header = [*(contract.field(name).label for name in names), *([mark] if withdrawn else [])]
    cells = [[row.get(name) for name in names] + ([None] if withdrawn else []) for row in rows]
    cells += [[row.get(name) for name in names] + ["D"] for row in withdrawn]
    columns = [pa.array([row[n] for row in cells], pa.string()) for n in range(len(header))]
    batch = pa.record_batch(columns, schema=landing.batch_schema(len(header)))
    table = landing.BatchTable("f", tuple(header), iter([batch]))
    return landing.publish(contract, day, [table], mode=mode or contract.delivery_mode, county_code=county)  # type: ignore[arg-type]


def judge(contract: Contract, delivery: Delivery, base: Sequence[Delivery] | None = None) -> None:
    """Compares, sieves and accepts, without the gate."""
    diff = landing.compare(delivery, _base(contract, delivery) if base is None else base)
    sieve = Sieve(contract, delivery.business_date, delivery.county_code)
    sieved = sieve.run(landing.work_folder(delivery), sample_rows=1, source=landing.changed_sql(delivery))
    with transaction() as connection:
        write(connection, balanced(contract, delivery, diff, sieved), delivery.landed_at)
        _accept(connection, delivery)


def trust(contract: Contract, delivery: Delivery, base: Sequence[Delivery] | None = None) -> None:
    """Accepts every changed row as it is, for tests whose rows are typed already."""
    diff = landing.compare(delivery, _base(contract, delivery) if base is None else base)
    target = literal(str(landing.work_folder(delivery) / "accepted.parquet"))
    with columnar() as duck:
        casts = ", ".join(f"{f.name}::{typing_sql.duckdb_type(f)} as {f.name}" for f in contract.fields)
        rows = f"select * replace ({casts}), []::varchar[] as _warnings from {landing.changed_sql(delivery)}"
        duck.execute(f"copy ({rows}) to {target}")
    with transaction() as connection:
        connection.execute(
            text(
                "insert into ops.ledger"
                " select delivery_id, county_code, department, dataset, business_date, null,"
                " :landed, :same, :changed, 0, 0, 0, 0, null, true, now()"
                " from ops.delivery where delivery_id = :id on conflict (delivery_id)"
                " do update set unchanged = excluded.unchanged, accepted = excluded.accepted"
            ),
            {
                "id": delivery.delivery_id,
                "landed": diff.landed,
                "same": diff.unchanged,
                "changed": diff.changed,
            },
        )
        _accept(connection, delivery)


def _base(contract: Contract, delivery: Delivery) -> tuple[Delivery, ...]:
    return landing.base_for(
        contract, delivery.business_date, delivery.county_code, delivery_id=delivery.delivery_id
    )


def _accept(connection: Connection, delivery: Delivery) -> None:
    connection.execute(
        text("update ops.delivery set verdict = 'accept' where delivery_id = :id"),
        {"id": delivery.delivery_id},
    )


def take(
    delivery: Delivery, contract: Contract | None = None, *, by: late.Judge = judge
) -> warehouse.MergeResult:
    """Judges, links and merges one delivery, late ones as late; does not settle."""
    contract = contract or catalogue().get(f"{delivery.department}.{delivery.dataset}")
    with transaction() as connection:
        chains = chain.read(connection, contract, delivery.county_code)
    by(contract, delivery, tuple(landing.load(link) for link in chains.before(delivery)))
    linked = identity.link(contract, delivery)
    identity.enter([linked])
    replayed = late.prepare(contract, delivery, chains, judge=by)
    return warehouse.merge(contract, delivery, linked, replayed=replayed)


def night(
    day: dt.date, *, county: str = COUNTY, by: late.Judge = trust, **rows: Sequence[Row]
) -> list[Delivery]:
    """Lands and takes datasets (contract id with ``__`` for the dot), then settles."""
    warehouse.ensure()
    deliveries = [land(name.replace("__", "."), each, day, county=county) for name, each in rows.items()]
    for delivery in deliveries:
        take(delivery, by=by)
    warehouse.settle(county)
    return deliveries


def query(
    sql: str, *, role: Role = Role.PIPELINE, day: dt.date | None = None, known: Any = None, **values: Any
) -> list[Any]:
    """Rows of a query, as of a day."""
    with transaction(role) as connection:
        warehouse.as_of(connection, day, known)
        return [tuple(row) for row in connection.execute(text(sql), values)]

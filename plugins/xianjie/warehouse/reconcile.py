"""Reconciling (对账): the warehouse's rows of a day against the deliveries it says it believes.

Both sides are reduced to a count and two sums over (record, content); only where they differ are the records
themselves compared. Records with a returned row are left out on both sides: there the last good row stands.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb
from sqlalchemy import Connection, text

from xianjie import dates
from xianjie.contract.catalogue import catalogue
from xianjie.contract.model import Contract
from xianjie.database.columnar import columnar
from xianjie.database.engine import transaction
from xianjie.landing import Delivery, Held, load
from xianjie.landing.compare import standing_sql
from xianjie.landing.held import tell, with_held_sql
from xianjie.settings import settings
from xianjie.validation import known
from xianjie.warehouse.statements import run

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SAMPLE = 20
_PACK = 5_000_000  # rows in one string; PostgreSQL holds a gigabyte in one
_ODD = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x27D4EB2F165667C5)


@dataclass(frozen=True)
class Reconciled:
    """Datasets compared, rows compared, and records that differ in any way."""

    datasets: int
    rows: int
    differing: int


@dataclass(frozen=True)
class _Difference:
    missing: int = 0
    extra: int = 0
    differing: int = 0
    sample: tuple[uuid.UUID, ...] = ()

    @property
    def total(self) -> int:
        return self.missing + self.extra + self.differing


def reconcile(business_date: dt.date, county_code: str | None = None) -> Reconciled:
    """Compares every dataset merged for the date; writes one row each into ``ops.reconciliation``."""
    county = county_code or settings().county_code
    with transaction() as connection, columnar() as duck:
        chains = connection.execute(
            text(
                "select department || '.' || dataset as contract_id, delivery_ids from ops.diff_base"
                " where county_code = :county and business_date = :date order by 1"
            ),
            {"county": county, "date": business_date},
        ).all()
        compared = [
            _dataset(
                connection, duck, catalogue().get(row.contract_id), row.delivery_ids, (county, business_date)
            )
            for row in chains
        ]
    return Reconciled(
        len(compared), sum(rows for rows, _ in compared), sum(each.total for _, each in compared)
    )


def _dataset(
    connection: Connection,
    duck: duckdb.DuckDBPyConnection,
    contract: Contract,
    chain: list[str],
    night: tuple[str, dt.date],
) -> tuple[int, _Difference]:
    county_code, business_date = night
    returned = _returned_keys(connection, contract, county_code, business_date)
    believed = [load(link) for link in chain]
    delivered = _delivered(duck, believed, known(connection, believed[-1]).held, returned)
    held = _held(connection, contract, county_code, business_date, returned)
    difference = _Difference() if _sums(delivered) == _sums(held) else _compare(delivered, held)
    reason = None
    if difference.total:
        reason = f"缺 {difference.missing} 条, 多 {difference.extra} 条, 内容不同 {difference.differing} 条"
    run(
        connection,
        "changes",
        "write_reconciliation",
        county=county_code,
        business_date=business_date,
        department=contract.department,
        dataset=contract.dataset,
        delivered=len(delivered),
        held=len(held),
        returned=len(returned),
        missing=difference.missing,
        extra=difference.extra,
        differing=difference.differing,
        sample=list(difference.sample),
        reason=reason,
        moment=dates.now(),
    )
    return len(held), difference


def _returned_keys(
    connection: Connection, contract: Contract, county_code: str, business_date: dt.date
) -> list[uuid.UUID]:
    """Records that had a returned row open on that day, or one that nobody answered in time."""
    statement = text(
        "select distinct record_key from quality.quarantined_row where county_code = :county"
        " and department = :department and dataset = :dataset and opened_on <= :date"
        " and (closed_on is null or closed_on > :date or state = 'expired')"
    )
    values = {
        "county": county_code,
        "department": contract.department,
        "dataset": contract.dataset,
        "date": business_date,
    }
    return list(connection.scalars(statement, values))


def _delivered(
    duck: duckdb.DuckDBPyConnection, chain: list[Delivery], held: Sequence[Held], returned: list[uuid.UUID]
) -> NDArray[np.uint64]:
    """(record, content) of the standing rows of a chain: n × 4 unsigned 64-bit numbers, two for each hash."""
    import numpy as np

    standing = standing_sql(chain)
    if held:
        tell(duck, held)
        standing = with_held_sql(standing)
    halves = ", ".join(
        f"({column}::uhugeint >> 64)::ubigint as {column}_high,"
        f" ({column}::uhugeint & 18446744073709551615)::ubigint as {column}_low"
        for column in ("_key", "_hash")
    )
    found = duck.execute(
        f"select {halves} from ({standing})"
        " where _key not in (select unnest(?::uuid[]))",
        [returned],
    ).fetchnumpy()
    return np.column_stack([np.asarray(column, dtype=np.uint64) for column in found.values()])


def _held(
    connection: Connection,
    contract: Contract,
    county_code: str,
    business_date: dt.date,
    returned: list[uuid.UUID],
) -> NDArray[np.uint64]:
    """The same of the warehouse's rows: both hashes of all rows, packed into few strings of bytes."""
    import numpy as np

    query = text(
        "select string_agg(uuid_send(record_key) || uuid_send(row_hash), ''::bytea)"
        f" from history.{contract.table}"
        " where county_code = :county and known_to = 'infinity' and valid_from <= :date and valid_to > :date"
        " and record_key <> all (cast(:returned as uuid[]))"
        f" group by change_id / {_PACK}"
    )
    values = {"county": county_code, "date": business_date, "returned": returned}
    packed = b"".join(connection.scalars(query, values))
    return np.frombuffer(packed, dtype=">u8").reshape(-1, 4).astype(np.uint64)


def _sums(rows: NDArray[np.uint64]) -> tuple[int, int, int]:
    """Count and two order-free sums; a swap of contents between records changes them."""
    import numpy as np

    mixed = np.zeros(len(rows), dtype=np.uint64)
    for column, factor in enumerate(_ODD):
        mixed = (mixed ^ rows[:, column]) * np.uint64(factor)
        mixed ^= mixed >> np.uint64(29)
    return len(rows), int(mixed.sum(dtype=np.uint64)), int(np.bitwise_xor.reduce(mixed)) if len(rows) else 0


def _compare(delivered: NDArray[np.uint64], held: NDArray[np.uint64]) -> _Difference:
    """Record by record; only asked when the sums differ."""
    left, right = _by_record(delivered), _by_record(held)
    missing, extra = left.keys() - right.keys(), right.keys() - left.keys()
    differing = {key for key in left.keys() & right.keys() if left[key] != right[key]}
    sample = sorted([*missing, *extra, *differing])[:_SAMPLE]
    return _Difference(len(missing), len(extra), len(differing), tuple(sample))


def _by_record(rows: NDArray[Any]) -> dict[uuid.UUID, tuple[int, int]]:
    return {
        uuid.UUID(int=(key_high << 64) | key_low): (hash_high, hash_low)
        for key_high, key_low, hash_high, hash_low in rows.tolist()
    }

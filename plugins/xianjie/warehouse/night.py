"""A night's merges, from accepted deliveries to settled households.

Deliveries are linked one after the other, the base register first, while those already linked merge in the
background. What fails costs its own dataset only.
"""

from __future__ import annotations

import datetime as dt
import logging
import traceback
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from sqlalchemy import Connection, text

from xianjie import identity, validation
from xianjie.contract.catalogue import catalogue
from xianjie.contract.model import Contract
from xianjie.database.engine import alone, transaction
from xianjie.errors import XianjieError
from xianjie.landing import Delivery, load, work_folder
from xianjie.settings import settings
from xianjie.warehouse import chain, dataset, late
from xianjie.warehouse.errors import NightError
from xianjie.warehouse.merge import MergeResult, is_comparison_current, merge
from xianjie.warehouse.settle import settle

log = logging.getLogger(__name__)
_WORKERS = 2


@dataclass(frozen=True)
class NightSummary:
    """What a run took in: deliveries, rows, records that ended, later deliveries entered again, persons.

    `dates` are the business dates whose affected households are to be watched again, oldest first: the
    night's own, and those after it when it came late.
    """

    business_date: dt.date
    county_code: str
    deliveries: int
    merged: int
    absent: int
    replayed: int
    persons: int
    dates: tuple[dt.date, ...]


def run_night(business_date: dt.date, county_code: str | None = None) -> NightSummary:
    """Links and merges every accepted delivery of the date that is not merged yet, then settles households.

    Held and refused deliveries change nothing. Safe to kill and to run again.

    Raises:
        NightError: some datasets failed; the others were merged and settled.
    """
    county = county_code or settings().county_code
    dataset.ensure()
    with alone(f"night {county}"):  # one night of a county at a time
        merged, failures = _merge_all(_pending(business_date, county))
        settled = settle(county)
    if failures:
        raise NightError(
            f"{'、'.join(failures)}未能入库, 其余 {len(merged)} 个交付已入库",
            data="失败的数据集保持昨夜的状态",
            next_command=f"xianjie night run --date {business_date}",
        )
    return NightSummary(
        business_date,
        county,
        len(merged),
        sum(each.merged for each in merged),
        sum(each.absent for each in merged),
        sum(len(each.replayed) for each in merged),
        settled.persons,
        settled.dates,
    )


def _pending(business_date: dt.date, county_code: str) -> list[tuple[Contract, list[str]]]:
    """Accepted, unmerged deliveries by dataset in order of arrival; the base register comes first."""
    statement = text(
        "select department || '.' || dataset as contract_id, delivery_id from ops.delivery"
        " where county_code = :county and business_date = :date and verdict = 'accept' and merged_at is null"
        " order by landed_at, delivery_id"
    )
    found: dict[str, list[str]] = {}
    with transaction() as connection:
        for row in connection.execute(statement, {"county": county_code, "date": business_date}):
            found.setdefault(row.contract_id, []).append(row.delivery_id)
    order = sorted(found, key=lambda contract_id: (contract_id not in dataset.BASE_REGISTER, contract_id))
    return [(catalogue().get(contract_id), found[contract_id]) for contract_id in order]


def _merge_all(pending: Iterable[tuple[Contract, list[str]]]) -> tuple[list[MergeResult], list[str]]:
    """Merges; returns what was done and the titles of the datasets that failed."""
    running: list[tuple[Contract, list[Future[MergeResult]]]] = []
    failed: dict[str, Exception] = {}
    with ThreadPoolExecutor(_WORKERS, thread_name_prefix="merge") as pool:
        for contract, delivery_ids in pending:
            futures: list[Future[MergeResult]] = []
            running.append((contract, futures))
            try:
                for delivery_id in delivery_ids:
                    if futures:
                        futures[-1].result()
                    futures += _start(pool, contract, load(delivery_id))
            except Exception as raised:
                failed[contract.title] = raised
    results: list[MergeResult] = []
    for contract, futures in running:
        for future in futures:
            try:
                results.append(future.result())
            except Exception as raised:
                failed[contract.title] = raised
    for title, failure in failed.items():
        ours = failure if isinstance(failure, XianjieError) else type(failure).__name__
        where = "".join(traceback.format_tb(failure.__traceback__))  # lines of ours, no values
        log.error("%s: %s\n%s", title, ours, where)
    return results, list(failed)


def _start(pool: ThreadPoolExecutor, contract: Contract, delivery: Delivery) -> list[Future[MergeResult]]:
    """Prepares a delivery and hands it to the pool; nothing when it is not accepted after all."""
    with transaction() as connection:
        chains = chain.read(connection, contract, delivery.county_code)
        is_recorded = _is_recorded(connection, delivery)
    base = chains.before(delivery)
    if not (is_recorded and is_comparison_current(delivery, base)):
        verdict = validation.check(contract, delivery.delivery_id, base=tuple(load(link) for link in base))
        if verdict.decision != "accept":
            return []
    linked = identity.link(contract, delivery)
    replayed = late.prepare(contract, delivery, chains)
    return [pool.submit(merge, contract, delivery, linked, replayed=replayed)]


def _is_recorded(connection: Connection, delivery: Delivery) -> bool:
    """Whether the ledger tells of the rows that lie ready; a check that was killed leaves newer files."""
    from pyarrow.parquet import read_metadata

    accepted = work_folder(delivery) / "accepted.parquet"
    if not accepted.exists():
        return False
    told = connection.execute(
        text("select accepted from ops.ledger where delivery_id = :delivery"),
        {"delivery": delivery.delivery_id},
    ).scalar()
    return bool(told == read_metadata(accepted).num_rows)

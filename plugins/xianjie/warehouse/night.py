"""A night's merges, from accepted deliveries to settled households.

Deliveries are linked side by side and merged side by side, while their persons are entered at once, the base
register's first. What fails costs its own dataset only.
"""

from __future__ import annotations

import datetime as dt
import logging
import traceback
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Semaphore

from sqlalchemy import Connection, text

from xianjie import identity, validation
from xianjie.contract.catalogue import catalogue
from xianjie.contract.model import Contract
from xianjie.database.engine import alone, transaction
from xianjie.errors import XianjieError
from xianjie.identity import Linked
from xianjie.landing import Delivery, load, work_folder
from xianjie.settings import settings
from xianjie.warehouse import chain, dataset, late
from xianjie.warehouse.errors import NightError
from xianjie.warehouse.merge import MergeResult, Replayed, is_comparison_current, merge
from xianjie.warehouse.settle import settle

log = logging.getLogger(__name__)
_WORKERS = 2  # that work at a time
_WAITING = 2  # merges that may be done but for the persons
_Ready = tuple[Contract, Delivery, Linked, Replayed]


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


def _merge_all(pending: Sequence[tuple[Contract, list[str]]]) -> tuple[list[MergeResult], list[str]]:
    """Merges the first delivery of each dataset, then the second of those that have one, and so on.

    Returns:
        what was done, and the titles of the datasets that failed.
    """
    results: list[MergeResult] = []
    failures = _Failures()
    with ThreadPoolExecutor(_WORKERS, thread_name_prefix="merge") as pool:
        for turn in range(max((len(ids) for _, ids in pending), default=0)):
            due = [(contract, ids[turn]) for contract, ids in pending if turn < len(ids)]
            results += _merge_turn(pool, [each for each in due if each[0].title not in failures], failures)
    return results, list(failures)


class _Failures(dict[str, Exception]):
    """What went wrong, by the title of the dataset it cost."""

    @contextmanager
    def costing(self, contract: Contract) -> Iterator[None]:
        """Notes an exception of the block instead of raising it."""
        try:
            yield
        except Exception as raised:
            self[contract.title] = raised
            ours = raised if isinstance(raised, XianjieError) else type(raised).__name__
            where = "".join(traceback.format_tb(raised.__traceback__))  # lines of ours, no values
            log.error("%s: %s\n%s", contract.title, ours, where)


def _merge_turn(
    pool: ThreadPoolExecutor, due: Iterable[tuple[Contract, str]], failures: _Failures
) -> list[MergeResult]:
    """Links deliveries of several datasets side by side, and merges them side by side."""
    linking: list[tuple[Contract, Delivery, chain.Chains, Future[Linked]]] = []
    for contract, delivery_id in due:
        with failures.costing(contract):
            delivery = load(delivery_id)
            if chains := _accepted(contract, delivery):
                coming = pool.submit(identity.link, contract, delivery)
                linking.append((contract, delivery, chains, coming))
    linked: list[_Ready] = []
    for contract, delivery, chains, coming in linking:
        with failures.costing(contract):
            rows = coming.result()
            replayed = late.prepare(contract, delivery, chains)
            linked.append((contract, delivery, rows, replayed))
    return _merge_linked(linked, failures)


def _merge_linked(linked: list[_Ready], failures: _Failures) -> list[MergeResult]:
    """Enters the persons of all deliveries while they merge; no merge is kept before that is done.

    Where entering fails, persons are entered and deliveries merged one after the other.
    """
    free = Semaphore(_WORKERS)
    with ThreadPoolExecutor(1 + _WORKERS + _WAITING, thread_name_prefix="merge") as pool:
        entering = pool.submit(identity.enter, [rows for _, _, rows, _ in linked])
        coming = {
            each[0].id: pool.submit(_merge_in_turn, free, entering, each)
            for each in sorted(linked, key=_largest_first)
        }
    results: list[MergeResult] = []
    raised = entering.exception()
    if raised is None:
        for contract, *_ in linked:
            with failures.costing(contract):
                results.append(coming[contract.id].result())
        return results
    log.warning("persons not entered at once (%s); now delivery by delivery", type(raised).__name__)
    for contract, delivery, rows, replayed in linked:
        with failures.costing(contract):
            identity.enter([rows])
            results.append(merge(contract, delivery, rows, replayed=replayed))
    return results


def _largest_first(ready: _Ready) -> tuple[bool, int]:
    """The base register, then whatever takes long."""
    contract, _, rows, _ = ready
    return contract.id not in dataset.BASE_REGISTER, -rows.rows


def _merge_in_turn(free: Semaphore, entering: Future[None], ready: _Ready) -> MergeResult:
    """Merges when one of the `free` turns is had, and gives it away while it waits for the persons."""
    contract, delivery, rows, replayed = ready

    def entered() -> None:
        free.release()
        try:
            entering.result()
        finally:
            free.acquire()

    with free:
        return merge(contract, delivery, rows, replayed=replayed, after=entered)


def _accepted(contract: Contract, delivery: Delivery) -> chain.Chains | None:
    """The dataset's chains, against which the delivery is accepted (judged anew if need be); None when it is not."""
    with transaction() as connection:
        chains = chain.read(connection, contract, delivery.county_code)
        is_recorded = _is_recorded(connection, delivery)
    base = chains.before(delivery)
    if not (is_recorded and is_comparison_current(delivery, base)):
        verdict = validation.check(contract, delivery.delivery_id, base=tuple(load(link) for link in base))
        if verdict.decision != "accept":
            return None
    return chains


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

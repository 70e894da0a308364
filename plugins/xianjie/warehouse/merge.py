"""Merging (入库): an accepted delivery into the warehouse, in one transaction, once.

Log, projection, the base of the next comparison and the marks of the delivery become visible together. A
delivery that comes after a later night was merged takes that night's deliveries with it: they were compared
with a state that did not know it, so they are compared anew and entered again in the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, Row, text

from xianjie.contract.model import Contract
from xianjie.database.engine import transaction
from xianjie.errors import StaleBaseError
from xianjie.identity import Linked
from xianjie.landing import CHANGED, Delivery, load_diff, work_folder
from xianjie.warehouse import chain, log
from xianjie.warehouse.errors import NotAcceptedError

Replayed = Sequence[tuple[Delivery, Linked]]


@dataclass(frozen=True)
class MergeResult:
    """What a merge did: `merged` accepted rows taken in, `absent` records ended because they no longer came.

    `is_repeated` says that the delivery was merged before and nothing was done; `replayed` are the later
    deliveries that were entered again.
    """

    delivery_id: str
    merged: int
    absent: int
    is_repeated: bool = False
    replayed: tuple[str, ...] = ()


def merge(
    contract: Contract,
    delivery: Delivery,
    linked: Linked,
    *,
    replayed: Replayed = (),
    after: Callable[[], object] | None = None,
) -> MergeResult:
    """Merges a delivery; `linked` is what `identity.link` made of it. Running again changes nothing.

    Args:
        after: called when all is done but nothing kept yet; what it raises leaves the warehouse as it was. For
            waiting until the persons are entered.
        replayed: the later deliveries named by `chain.Chains.after`, each compared with the state as it will
            be once those before it are merged, and linked.

    Raises:
        NotAcceptedError: the delivery is not accepted.
        StaleBaseError: it (or a replayed one) was not compared with the current base, or later deliveries
            rest on a state without it and are not replayed. Nothing was kept.
    """
    with transaction() as connection:
        head = log.lock_head(connection, delivery.county_code, contract.department, contract.dataset)
        row = _delivery_row(connection, delivery)
        if row.merged_at is not None:
            return MergeResult(delivery.delivery_id, row.merged or 0, 0, is_repeated=True)
        if row.verdict != "accept":
            raise NotAcceptedError(
                f"{contract.title}的交付未被接收, 不能入库",
                next_command=f"xianjie night status --date {delivery.business_date}",
            )
        chains = chain.read(connection, contract, delivery.county_code)
        if [each.delivery_id for each in chains.after(delivery)] != [
            each.delivery_id for each, _ in replayed
        ]:
            raise _stale(contract, delivery)
        result = _take(connection, contract, delivery, linked, chains=chains, head=head)
        chains = chains.extended(delivery, over=[each for each, _ in replayed])
        for each, rows in replayed:
            head = log.lock_head(connection, delivery.county_code, contract.department, contract.dataset)
            _take(connection, contract, each, rows, chains=chains, head=head)
            chains = chains.extended(each)
        if after is not None:
            after()
    return replace(result, replayed=tuple(each.delivery_id for each, _ in replayed))


def is_comparison_current(delivery: Delivery, base: chain.Chain) -> bool:
    """Whether the delivery's work files were made against `base`, completely."""
    folder = work_folder(delivery)
    accepted, diff = folder / "accepted.parquet", load_diff(delivery)
    if diff is None or diff.base_ids != base or not accepted.exists():
        return False
    return accepted.stat().st_mtime_ns >= (folder / CHANGED).stat().st_mtime_ns


def _take(
    connection: Connection,
    contract: Contract,
    delivery: Delivery,
    linked: Linked,
    *,
    chains: chain.Chains,
    head: log.Head,
) -> MergeResult:
    if not is_comparison_current(delivery, chains.before(delivery)):
        raise _stale(contract, delivery)
    absent = log.take(connection, contract, delivery, linked, head)
    chain.write(
        connection, delivery, chains.extended(delivery).by_date[delivery.business_date], head.recorded_at
    )
    merged = _mark(connection, contract, delivery, linked, head)
    return MergeResult(delivery.delivery_id, merged, absent)


def _delivery_row(connection: Connection, delivery: Delivery) -> Row[tuple[object, ...]]:
    return connection.execute(
        text(
            "select d.verdict, d.merged_at, l.merged"
            " from ops.delivery as d left join ops.ledger as l using (delivery_id)"
            " where d.delivery_id = :delivery"
        ),
        {"delivery": delivery.delivery_id},
    ).one()


def _mark(
    connection: Connection, contract: Contract, delivery: Delivery, linked: Linked, head: log.Head
) -> int:
    """Marks delivery and ledger as merged; the rows taken in must be those the ledger accepted."""
    values = {"delivery": delivery.delivery_id, "merged": linked.rows, "moment": head.recorded_at}
    marked = connection.execute(
        text("update ops.ledger set merged = :merged where delivery_id = :delivery and accepted = :merged"),
        values,
    )
    if marked.rowcount != 1:
        raise _stale(contract, delivery)
    connection.execute(
        text(
            "update ops.delivery set merged_at = coalesce(merged_at, :moment) where delivery_id = :delivery"
        ),
        values,
    )
    return linked.rows


def _stale(contract: Contract, delivery: Delivery) -> StaleBaseError:
    return StaleBaseError(
        f"{contract.title}的交付不是与数据仓库现有数据比对的",
        data="本次交付未入库, 数据未改动",
        next_command=f"xianjie night run --date {delivery.business_date}",
    )

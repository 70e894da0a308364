"""A delivery that comes after a later night was merged (迟到): what rests on the state without it.

The later deliveries are judged and linked again, against the state as it will be. Nothing of it is believed
before `merge` enters all of them in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable

from xianjie import identity, landing, validation
from xianjie.contract.model import Contract
from xianjie.identity import Linked
from xianjie.landing import Delivery
from xianjie.warehouse.chain import Chains
from xianjie.warehouse.errors import LateNightError

Judge = Callable[[Contract, Delivery, tuple[Delivery, ...]], None]
_WHO, _WHY = "xianjie", "已入库的交付, 因更早日期的数据迟到而重新核对"


def prepare(
    contract: Contract, delivery: Delivery, chains: Chains, *, judge: Judge | None = None
) -> list[tuple[Delivery, Linked]]:
    """The later deliveries to be merged with `delivery`, each with its linked rows; none when it is on time.

    Args:
        judge: compares and sieves a delivery against a base; by default the whole check.

    Raises:
        LateNightError: a delivery that is believed already would be refused now; it stays as it was judged.
    """
    later = chains.after(delivery)
    try:
        return _prepare(contract, delivery, later, chains, judge or _judge_again)
    except LateNightError:
        for each in later:
            validation.check(contract, each.delivery_id)
        raise


def _prepare(
    contract: Contract, delivery: Delivery, later: list[Delivery], chains: Chains, judge: Judge
) -> list[tuple[Delivery, Linked]]:
    state = chains.extended(delivery, over=later)
    prepared = []
    for each in later:
        base = tuple(landing.load(link) for link in state.before(each))
        judge(contract, each, base)
        prepared.append((each, identity.link(contract, each)))
        state = state.extended(each)
    identity.enter([linked for _, linked in prepared])
    return prepared


def _judge_again(contract: Contract, delivery: Delivery, base: tuple[Delivery, ...]) -> None:
    """Compares and sieves against `base`; what was believed stays accepted where the gate would hold it now."""
    verdict = validation.check(contract, delivery.delivery_id, base=base)
    if verdict.decision == "hold":
        validation.decide(delivery.delivery_id, "accept", _WHO, _WHY)
        verdict = validation.check(contract, delivery.delivery_id, base=base)
    if verdict.decision != "accept":
        raise LateNightError(
            f"{contract.title}有迟到数据, 与之后已入库的数据差异过大, 请先核对",
            data="迟到的交付未入库, 之后的数据未改动",
            next_command=f"xianjie night status --date {delivery.business_date}",
        )

"""Freshness (时效): how old the newest thing is that a delivery speaks of, and how long it has not changed.

What is old depends on the cadence a department promised: a monthly register may say the same for a month.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from xianjie.contract import typing_sql
from xianjie.contract.model import Contract, Field, FieldType
from xianjie.database.columnar import columnar, identifier, literal
from xianjie.landing import Delivery
from xianjie.validation.policy import Policy

_MONTHLY = 31  # data of a month cannot be younger, however often it comes


@dataclass(frozen=True)
class Freshness:
    """Ages in days before the business date; None where the contract gives nothing to tell by.

    `newest` is the end of the newest period the rows speak of, or the day up to which the source was read,
    whichever is later; never after the business date. `same_since` is the date from which every accepted
    delivery has had this very content.
    """

    newest: dt.date | None
    age_days: int | None
    max_age_days: int
    same_since: dt.date | None
    same_days: int | None
    max_same_days: int
    is_repeated: bool


def freshness(
    contract: Contract, delivery: Delivery, same_since: dt.date | None, policy: Policy
) -> Freshness:
    """How fresh a delivery is, and what the contract's cadence allows."""
    day = delivery.business_date
    newest = newest_day(contract, delivery)
    same_days = (day - same_since).days if same_since else None
    return Freshness(
        newest=newest,
        age_days=(day - newest).days if newest else None,
        max_age_days=_allowed(contract, _MONTHLY if period_field(contract) else 0, policy),
        same_since=same_since,
        same_days=same_days,
        max_same_days=_allowed(contract, 0, policy),
        is_repeated=same_days is not None and same_days >= contract.cadence.max_age_days,
    )


def period_field(contract: Contract) -> Field | None:
    """The field that says which period a row is about: the month within the key, if there is one."""
    keys = (contract.field(name) for name in contract.key)
    return next((field for field in keys if field.type is FieldType.MONTH), None)


def newest_day(contract: Contract, delivery: Delivery) -> dt.date | None:
    """The last day that the rows or the source's own clock speak of; None when neither tells."""
    told = [_newest_period(contract, delivery), _read_until(delivery)]
    days = [min(day, delivery.business_date) for day in told if day is not None]
    return max(days, default=None)


def _newest_period(contract: Contract, delivery: Delivery) -> dt.date | None:
    field = period_field(contract)
    if field is None or not delivery.rows:
        return None
    column = identifier(field.name)
    period = typing_sql.typed(field, column, delivery.business_date)
    # A delivery of a million rows speaks of a few dozen months: only those are typed.
    said = f"select distinct {column} from read_parquet({literal(delivery.data_path)}) where _op <> 'D'"
    query = f"select last_day(max(period)) from (select {period} as period from ({said})) where period <= ?"
    with columnar() as duck:
        found: tuple[dt.date | None] | None = duck.execute(query, [delivery.business_date]).fetchone()
    return found[0] if found else None


def _read_until(delivery: Delivery) -> dt.date | None:
    """The day of an incremental pull's upper watermark, when that is a moment and not a running number."""
    try:
        return dt.date.fromisoformat((delivery.window[1] or "")[:10])
    except ValueError:
        return None


def _allowed(contract: Contract, at_least: int, policy: Policy) -> int:
    """How old data may be: what the contract says, else what its cadence allows and some grace."""
    if contract.tolerances.max_age_days is not None:
        return contract.tolerances.max_age_days
    return max(contract.cadence.max_age_days, at_least) + policy.grace_days

"""What a delivery is compared with: the chain of deliveries the warehouse says it holds.

The base is what ``ops.diff_base`` recorded in the transaction that merged, never the latest folder, so that a
kill between landing and merge leaves nothing half believed.
"""

from __future__ import annotations

import datetime as dt
from itertools import takewhile

from sqlalchemy import text

from xianjie.contract.model import Contract
from xianjie.database.engine import transaction
from xianjie.landing.delivery import Delivery
from xianjie.landing.registry import load, read
from xianjie.settings import settings

_CHAINS = text("""
    select business_date, delivery_ids
    from ops.diff_base
    where county_code = :county_code and department = :department and dataset = :dataset
        and business_date <= :business_date
    order by business_date desc
    limit 2
""")


def base_ids(
    contract: Contract,
    business_date: dt.date,
    county_code: str | None = None,
    *,
    delivery_id: str | None = None,
) -> tuple[str, ...]:
    """Delivery ids of the base, oldest first; empty before the first merge.

    Of the chains recorded up to `business_date` the latest counts. Of a chain of `delivery_id`'s own date only
    what landed before it does, whichever of them was merged first.
    """
    values = {
        "county_code": county_code or settings().county_code,
        "department": contract.department,
        "dataset": contract.dataset,
        "business_date": business_date,
    }
    with transaction() as connection:
        chains = [(row[0], tuple(row[1])) for row in connection.execute(_CHAINS, values)]
    if chains and chains[0][0] == business_date and delivery_id:
        mine = read(delivery_id).place
        before = tuple(takewhile(lambda link: read(link).place < mine, chains[0][1]))
        chains = [(business_date, before), *chains[1:]] if before else chains[1:]
    return chains[0][1] if chains else ()


def base_for(
    contract: Contract,
    business_date: dt.date,
    county_code: str | None = None,
    *,
    delivery_id: str | None = None,
) -> tuple[Delivery, ...]:
    """The base as deliveries, oldest first; see `base_ids`."""
    ids = base_ids(contract, business_date, county_code, delivery_id=delivery_id)
    return tuple(load(each) for each in ids)

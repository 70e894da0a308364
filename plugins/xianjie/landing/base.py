"""What a delivery is compared with: the chain of deliveries the warehouse says it holds.

The base is what ``ops.diff_base`` recorded in the transaction that merged, never the latest folder, so that a
kill between landing and merge leaves nothing half believed.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import text

from xianjie.contract.model import Contract
from xianjie.database.engine import transaction
from xianjie.landing.delivery import Delivery
from xianjie.landing.registry import load
from xianjie.settings import settings

_CHAINS = text("""
    select delivery_ids
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

    Of the chains recorded up to `business_date` the latest counts. When it holds `delivery_id` itself (the
    delivery is merged already), the base is what stood before it.
    """
    values = {
        "county_code": county_code or settings().county_code,
        "department": contract.department,
        "dataset": contract.dataset,
        "business_date": business_date,
    }
    with transaction() as connection:
        chains = [tuple(row[0]) for row in connection.execute(_CHAINS, values)]
    if not chains or delivery_id not in chains[0]:
        return chains[0] if chains else ()
    before = chains[0][: chains[0].index(delivery_id)]
    return before or (chains[1] if len(chains) > 1 else ())


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

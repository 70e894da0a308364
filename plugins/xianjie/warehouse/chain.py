"""What the warehouse believes of a dataset: for each business date, the deliveries its state is made of.

The same rule as `landing.base_ids`, over chains that a transaction may not have committed yet.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, text

from xianjie.contract.model import Contract
from xianjie.landing import Delivery, load

Chain = tuple[str, ...]


@dataclass(frozen=True)
class Chains:
    """Delivery ids, oldest first, by business date."""

    by_date: dict[dt.date, Chain]

    def before(self, delivery: Delivery) -> Chain:
        """The base of a delivery: what stands on its date without it, else on the last date before."""
        dates = sorted((date for date in self.by_date if date <= delivery.business_date), reverse=True)
        chains = [self.by_date[date] for date in dates[:2]]
        if not chains or delivery.delivery_id not in chains[0]:
            return chains[0] if chains else ()
        mine = chains[0][: chains[0].index(delivery.delivery_id)]
        return mine or (chains[1] if len(chains) > 1 else ())

    def extended(self, delivery: Delivery) -> Chains:
        """The chains once `delivery` is believed: a full one starts its date anew."""
        chain = (
            (delivery.delivery_id,)
            if delivery.mode == "full"
            else (*self.before(delivery), delivery.delivery_id)
        )
        return Chains({**self.by_date, delivery.business_date: chain})

    def without(self, dates: Iterable[dt.date]) -> Chains:
        """The chains as if nothing of `dates` had been merged."""
        gone = set(dates)
        return Chains({date: chain for date, chain in self.by_date.items() if date not in gone})

    def after(self, delivery: Delivery) -> list[Delivery]:
        """Deliveries whose meaning rests on what stood at the date of a delivery that comes late.

        Those of the next date, and of further dates as long as no full delivery starts the state anew.
        """
        found: list[Delivery] = []
        for date in sorted(date for date in self.by_date if date > delivery.business_date):
            links = [link for link in map(load, self.by_date[date]) if link.business_date == date]
            found += links
            if any(link.mode == "full" for link in links):
                break
        return found


def read(connection: Connection, contract: Contract, county_code: str) -> Chains:
    """All chains of a dataset, as this transaction sees them."""
    rows = connection.execute(
        text(
            "select business_date, delivery_ids from ops.diff_base"
            " where county_code = :county and department = :department and dataset = :dataset"
        ),
        {"county": county_code, "department": contract.department, "dataset": contract.dataset},
    )
    return Chains({row.business_date: tuple(row.delivery_ids) for row in rows})


def write(connection: Connection, delivery: Delivery, chain: Chain, recorded_at: dt.datetime) -> None:
    """Records what the next delivery is compared with."""
    connection.execute(
        text(
            "insert into ops.diff_base"
            " (county_code, department, dataset, business_date, delivery_ids, recorded_at)"
            " values (:county, :department, :dataset, :date, :chain, :recorded_at)"
            " on conflict (county_code, department, dataset, business_date)"
            " do update set delivery_ids = excluded.delivery_ids, recorded_at = excluded.recorded_at"
        ),
        {
            "county": delivery.county_code,
            "department": delivery.department,
            "dataset": delivery.dataset,
            "date": delivery.business_date,
            "chain": list(chain),
            "recorded_at": recorded_at,
        },
    )

"""What the warehouse believes of a dataset: for each business date, the deliveries its state is made of.

Deliveries are ordered by business date, those of one date by when they landed; not by when they were merged.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile

from sqlalchemy import Connection, text

from xianjie.contract.model import Contract
from xianjie.landing import Delivery
from xianjie.landing import read as read_delivery

Chain = tuple[str, ...]


@dataclass(frozen=True)
class Chains:
    """Delivery ids, oldest first, by business date."""

    by_date: dict[dt.date, Chain]

    def before(self, delivery: Delivery) -> Chain:
        """The base of a delivery: what stands on its date without it and what landed later, else on the date before."""
        chain = self.by_date.get(delivery.business_date, ())
        mine = tuple(takewhile(lambda link: read_delivery(link).place < delivery.place, chain))
        dates = [date for date in self.by_date if date < delivery.business_date]
        return mine or (self.by_date[max(dates)] if dates else ())

    def extended(self, delivery: Delivery, over: Iterable[Delivery] = ()) -> Chains:
        """The chains once `delivery` is believed: a full one starts its date anew.

        `over` are later deliveries to be believed again after it; their dates are forgotten.
        """
        chain = (
            (delivery.delivery_id,)
            if delivery.mode == "full"
            else (*self.before(delivery), delivery.delivery_id)
        )
        forgotten = {each.business_date for each in over}
        kept = {date: chain for date, chain in self.by_date.items() if date not in forgotten}
        return Chains({**kept, delivery.business_date: chain})

    def after(self, delivery: Delivery) -> list[Delivery]:
        """Deliveries whose meaning rests on what stood before them, when one comes in that precedes them.

        Those of its own date that landed later, those of the next date, and of further dates as long as no full
        delivery starts the state anew.
        """
        found: list[Delivery] = []
        for date in sorted(date for date in self.by_date if date >= delivery.business_date):
            links = [link for link in map(read_delivery, self.by_date[date]) if link.business_date == date]
            later = [link for link in links if link.place > delivery.place]
            found += later
            if any(link.mode == "full" for link in later):
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

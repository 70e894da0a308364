"""Judging again (重新校验) without a new delivery: after a rule, a contract or a code list changed, or a waiver.

Rows are tried first; only those of which something else is said now are delivered, with origin ``replay`` and
the text, file and line they came with. So doing it twice does nothing, and the ledger accounts for each row.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import text

from xianjie import dates, validation, warehouse
from xianjie.contract.catalogue import catalogue
from xianjie.contract.model import Contract
from xianjie.database.engine import transaction
from xianjie.database.migrate import script
from xianjie.landing import Delivery, base_for
from xianjie.returns import standing
from xianjie.returns.deliver import land_once
from xianjie.returns.items import Item, texts, waiting
from xianjie.returns.plan import Plan
from xianjie.returns.rows import Row, cause, in_order
from xianjie.returns.run import one_at_a_time
from xianjie.returns.trial import place_of, trial
from xianjie.settings import settings
from xianjie.validation import Known, Sieve, known
from xianjie.validation.quarantine import note_merged
from xianjie.validation.terms import terms

Place = tuple[str, int]


@dataclass(frozen=True)
class Replayed:
    """What judging a dataset again came to: rows tried, and of those of which something else is said now how
    many were accepted and how many are (still, or newly) to be mended. `on` is the date they were judged for."""

    department: str
    dataset: str
    tried: int
    accepted: int
    quarantined: int
    delivery_id: str | None
    on: dt.date


def replay(
    business_date: dt.date, *, department: str | None = None, dataset: str | None = None,
    rule: str | None = None, everything: bool = False,
) -> list[Replayed]:  # fmt: skip
    """Judges the open items again by today's contracts, codes and waivers, and merges what passes.

    Args:
        business_date: that of the deliveries; a dataset merged for a later date takes that one.
        rule: only items that break this rule.
        everything: the standing rows too, not only the open items.
    """
    county = settings().county_code
    contracts = [
        each
        for each in catalogue().active()
        if department in (None, each.department) and dataset in (None, each.dataset)
    ]
    with one_at_a_time(county):
        warehouse.run_night(business_date, county)
        found = [
            _Judging(each, business_date, county).items(rule, everything=everything) for each in contracts
        ]
        _merge(found, county)
    return [each for each in found if each.tried]


def replay_records(contract: Contract, business_date: dt.date, keys: Collection[uuid.UUID]) -> Replayed:
    """Judges the standing rows of some records again; merging is the caller's."""
    return _Judging(contract, business_date, settings().county_code).records(keys)


def _merge(found: Sequence[Replayed], county: str) -> None:
    for day in sorted({each.on for each in found if each.delivery_id}):
        warehouse.run_night(day, county)
    with transaction() as connection:
        note_merged(connection, county)


class _Judging:
    """One dataset on its date, with what is known of its rows."""

    def __init__(self, contract: Contract, business_date: dt.date, county_code: str) -> None:
        self.contract, self.county = contract, county_code
        who = {"county": county_code, "department": contract.department, "dataset": contract.dataset}
        with transaction() as connection:
            latest = connection.scalar(text(script("quality", "latest_merged.sql")), who)
            self.on: dt.date = max(filter(None, (business_date, latest)))
            self.open = waiting(connection, county_code, contract)
            self.known: Known = known(connection, place_of(contract, self.on, county_code, dates.now()))
        self.chain: tuple[Delivery, ...] = base_for(contract, self.on, county_code) if latest else ()

    def items(self, rule: str | None, *, everything: bool) -> Replayed:
        """Judges open items again, those that need their whole delivery left out."""
        policy = terms()
        asked = [
            item
            for item in in_order(self.open)
            if (rule is None or rule in item.rules) and not any(map(policy.is_of_delivery, item.rules))
        ]
        wanted: dict[Place, Item | None] = {(item.delivery_id, item.source_row): item for item in asked}
        if everything:
            wanted |= dict.fromkeys(self._newly_faulty())
        return self._judge(wanted)

    def records(self, keys: Collection[uuid.UUID]) -> Replayed:
        """Judges standing rows of records again."""
        known_places = {(item.delivery_id, item.source_row): item for item in self.open}
        return self._judge({place: known_places.get(place) for place in standing.places(self.chain, keys)})

    def _newly_faulty(self) -> list[Place]:
        """Standing rows that break a rule and have no open item that says so."""
        sieve = Sieve(self.contract, self.on, self.county, known=self.known, is_own=False)
        told = {(item.kind, item.record_key, item.row_hash) for item in self.open}
        return [
            place
            for place, kind, (key, content) in standing.faulty(sieve, self.contract, self.chain)
            if (kind, key, content) not in told
        ]

    def _judge(self, wanted: dict[Place, Item | None]) -> Replayed:
        """Tries rows, and delivers those of which something else is said than their item says (or than nothing)."""
        found = texts(self.contract, wanted)
        rows = [Row.of(found[place]) for place in wanted]
        tried = trial(self.contract, rows, self.on, self.county, self.known)
        changed = [
            (place, row)
            for (place, item), row, each in zip(wanted.items(), rows, tried.rows, strict=True)
            if (not each.is_good, set(each.rules)) != _said(item)
        ]
        who = (self.contract.department, self.contract.dataset, len(rows))
        if not changed:
            return Replayed(*who, 0, 0, None, self.on)
        delivery = self._land([place for place, _ in changed], [row for _, row in changed])
        verdict = validation.check(self.contract, delivery.delivery_id)
        return Replayed(
            *who, verdict.ledger.accepted, verdict.ledger.quarantined, delivery.delivery_id, self.on
        )

    def _land(self, places: list[Place], rows: list[Row]) -> Delivery:
        read = hashlib.sha256(self.contract.model_dump_json().encode()).hexdigest()
        lifted = sorted(f"{key} {sorted(names)}" for key, names in self.known.lifted.items())
        return land_once(
            self.contract,
            Plan(self.contract, rows),
            on=self.on,
            county_code=self.county,
            origin="replay",
            why=cause("replay", self.contract.id, read, self.on, *places, *lifted),
            name="",
        )


def _said(item: Item | None) -> tuple[bool, set[str]]:
    """Whether an item keeps its row out, and the rules it says are broken; nothing for a row without one."""
    return (False, set()) if item is None else (item.kind == "quarantined", set(item.rules))

"""Settling (归户): puts persons into households after a night's merges, and names the households it touched.

Memberships are a projection, like history: computed from all that the registers say of a person, for the
persons whose records changed, closed and opened where they differ. What is left to settle is read from the logs
themselves, so that a killed run is made up for by the next one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, CursorResult, Row, text

from xianjie.contract.catalogue import catalogue
from xianjie.contract.model import Contract
from xianjie.database import partitions
from xianjie.database.engine import transaction
from xianjie.warehouse import dataset
from xianjie.warehouse.log import lock_head, move_head
from xianjie.warehouse.statements import run

BASE, CIVIL = "rural_revitalisation.persons", "civil_affairs.dibao"
HOUSEHOLDS = "rural_revitalisation.households"
_MEMBERSHIP, _HOUSEHOLD = "core.membership", "core.household"
_REGISTER = "changes.rural_revitalisation_persons"
_SOUGHT = ("person_id", "household_id", "basis", "known_to")
_CLOCK = ("core", "membership")


@dataclass(frozen=True)
class Settled:
    """`persons` looked at, and the business `dates` whose households are to be watched again."""

    persons: int = 0
    dates: tuple[dt.date, ...] = ()


def settle(county_code: str) -> Settled:
    """Settles whatever was merged since the last time, in one transaction; there may be nothing to do."""
    with transaction() as connection:
        head = lock_head(connection, county_code, *_CLOCK)
        work = _Settling(connection, county_code, head.recorded_at, _ready(connection))
        waiting = run(connection, "core", "unsettled", county=county_code).all()
        run(connection, "core", "settle_tables")
        aliases = run(connection, "core", "touched_aliases", county=county_code).rowcount
        if not waiting and not aliases:
            return Settled()
        everyone = not partitions.exists(connection, _MEMBERSHIP, county_code)
        work.touch(waiting, everyone=everyone)
        persons = work.place_everyone() if everyone else work.place("placed_touched")
        work.register()
        dates = work.affect(everyone=everyone)
        for row in waiting:
            run(connection, "core", "mark_settled", **row._mapping, county=county_code)
        move_head(connection, county_code, *_CLOCK, head)
    return Settled(persons, dates)


def _ready(connection: Connection) -> dict[str, Contract]:
    """Active contracts whose tables exist, by id."""
    return {each.id: each for each in catalogue().active() if dataset.is_ready(connection, each)}


@dataclass(frozen=True)
class _Settling:
    """One run, inside its transaction."""

    connection: Connection
    county_code: str
    recorded_at: dt.datetime
    ready: Mapping[str, Contract]

    def touch(self, waiting: Sequence[Row[Any]], *, everyone: bool) -> None:
        """Fills ``touched_person`` and ``touched_household`` from the logs' new entries."""
        for row in waiting:
            contract = self.ready.get(f"{row.department}.{row.dataset}")
            if contract is not None and everyone:
                self._name_households(contract)
            elif contract is not None:
                self._touch_records(contract, row.settled_change_id)
        self.connection.execute(text("analyze touched_person, touched_household"))

    def place_everyone(self) -> int:
        """Fills a county's first memberships; nearly everybody has one place in the base register."""
        plain = 0
        has_come = BASE in self.ready and partitions.exists(self.connection, _REGISTER, self.county_code)
        own = {"register_of_county": partitions.name_of(_REGISTER, self.county_code)}
        with partitions.fresh(self.connection, _MEMBERSHIP, self.county_code, analyzed=_SOUGHT) as target:
            if has_come and len(self._nights()) == 1:
                plain = self._run("plain_membership", into=f"insert into {target}", words=own).rowcount
        return plain + self.place("placed_rest")

    def place(self, who: str) -> int:
        """Brings the memberships of the persons `who` selects to what is said of them; returns how many."""
        placed = self._run(who).rowcount
        self.connection.execute(text("analyze placed"))
        for name, step in ((BASE, "spells_base"), (CIVIL, "spells_civil")):
            if name in self.ready:
                self._run(step)
        self._run("unplaced")
        self.connection.execute(text("analyze spell, unplaced"))
        for contract in self.ready.values():
            if contract.subject and contract.id not in (BASE, CIVIL):
                run(self.connection, "core", "spells_elsewhere", contract, county=self.county_code)
        self._run("desired_membership", into="create temporary table desired on commit drop as")
        self.connection.execute(text("analyze spell, desired"))
        self._run("close_membership")
        self._run("open_membership")
        if BASE in self.ready:
            self._run("two_households")
        return placed

    def register(self) -> None:
        """Enters the households that are new, and the village those of the register are in now."""
        if HOUSEHOLDS not in self.ready:
            return
        if partitions.exists(self.connection, _HOUSEHOLD, self.county_code):
            self._run(
                "wanted_households", into="create temporary table wanted on commit drop as", everyone=False
            )
            self._run("enter_households")
            return
        with partitions.fresh(self.connection, _HOUSEHOLD, self.county_code) as target:
            self._run("wanted_households", into=f"insert into {target}", everyone=True)

    def affect(self, *, everyone: bool) -> tuple[dt.date, ...]:
        """Notes the affected households; returns the business dates they are affected on."""
        self._run("affected_everyone" if everyone else "affected_touched")
        return self._nights() if everyone else tuple(self._run("touched_nights").scalars())

    def _run(self, name: str, *, into: str = "", **values: Any) -> CursorResult[Any]:
        known: dict[str, Any] = {"county": self.county_code, "recorded_at": self.recorded_at}
        return run(self.connection, "core", name, into=into, **known, **values)

    def _nights(self) -> tuple[dt.date, ...]:
        return tuple(self._run("nights").scalars())

    def _name_households(self, contract: Contract) -> None:
        if contract.household and contract.id not in dataset.BASE_REGISTER:
            run(self.connection, "core", "named_households", contract, county=self.county_code)

    def _touch_records(self, contract: Contract, settled: int) -> None:
        values: dict[str, Any] = {"county": self.county_code, "settled": settled}
        if contract.subject:
            run(self.connection, "core", "touched_persons", contract, **values)
        if contract.household:
            run(self.connection, "core", "touched_households", contract, **values)

"""Settling (归户): puts persons into households after a night's merges, and names the households it touched.

Memberships are a projection, like history: computed from all that the registers say of a person, for the persons
whose records changed, closed and opened where they differ. What is left to settle is read from the logs
themselves, so that a killed run is made up for by the next one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, text

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
_COLUMNS = "county_code, person_id, household_id, village_code, basis, record_key, valid_from, valid_to, known_from, known_to"
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
        waiting = run(connection, "core", "unsettled", county=county_code).all()
        run(connection, "core", "settle_tables")
        aliases = run(connection, "core", "touched_aliases", county=county_code).rowcount
        if not waiting and not aliases:
            return Settled()
        everyone = not partitions.exists(connection, _MEMBERSHIP, county_code)
        ready = {each.id: each for each in catalogue().active() if dataset.is_ready(connection, each)}
        _touch(connection, county_code, waiting, ready, everyone=everyone)
        persons = _gather(connection, county_code, ready, everyone=everyone)
        values = {"county": county_code, "recorded_at": head.recorded_at}
        _place(connection, values, everyone=everyone)
        _register(connection, values, ready, everyone=everyone)
        dates = _affect(connection, values, everyone=everyone)
        for row in waiting:
            run(
                connection, "core", "mark_settled", county=county_code, department=row.department, dataset=row.dataset,
                last_change_id=row.last_change_id,
            )  # fmt: skip
        move_head(connection, county_code, *_CLOCK, head)
    return Settled(persons, dates)


def _touch(
    connection: Connection,
    county_code: str,
    waiting: Sequence[Row[Any]],
    ready: Mapping[str, Contract],
    *,
    everyone: bool,
) -> None:
    """Fills ``touched_person`` and ``touched_household`` from the logs' new entries."""
    for row in waiting:
        contract = ready.get(f"{row.department}.{row.dataset}")
        if contract is None:
            continue
        values = {"county": county_code, "settled": row.settled_change_id}
        if contract.subject and not everyone:
            run(connection, "core", "touched_persons", contract, **values)
        if contract.household:
            run(connection, "core", "touched_households", contract, **values)
    connection.execute(text("analyze touched_person, touched_household"))


def _gather(
    connection: Connection, county_code: str, ready: Mapping[str, Contract], *, everyone: bool
) -> int:
    """Fills ``placed`` (who is to be placed; returns how many) and ``spell`` (what is said of where they belong)."""
    placed = run(
        connection, "core", "placed_everyone" if everyone else "placed_touched", county=county_code
    ).rowcount
    connection.execute(text("analyze placed"))
    for name, step in ((BASE, "spells_base"), (CIVIL, "spells_civil")):
        if name in ready:
            run(connection, "core", step, county=county_code)
    connection.execute(text("analyze spell"))
    for contract in ready.values():
        if contract.subject and contract.id not in (BASE, CIVIL):
            run(connection, "core", "spells_elsewhere", contract, county=county_code)
    connection.execute(text("analyze spell"))
    if BASE in ready:
        run(connection, "core", "two_households", county=county_code)
    return placed


def _place(connection: Connection, values: dict[str, Any], *, everyone: bool) -> None:
    """Brings ``core.membership`` to what the spells say."""
    if everyone:
        with partitions.fresh(connection, _MEMBERSHIP, values["county"]) as target:
            run(connection, "core", "desired_membership", into=f"insert into {target} ({_COLUMNS})", **values)
        return
    run(
        connection,
        "core",
        "desired_membership",
        into="create temporary table desired on commit drop as",
        **values,
    )
    connection.execute(text("analyze desired"))
    run(connection, "core", "close_membership", **values)
    run(connection, "core", "open_membership", **values)


def _register(
    connection: Connection, values: dict[str, Any], ready: Mapping[str, Contract], *, everyone: bool
) -> None:
    """Enters the households that are new, and where those of the register are now."""
    if everyone:
        with partitions.fresh(connection, _HOUSEHOLD, values["county"]):
            pass
    if HOUSEHOLDS in ready:
        run(connection, "core", "households_of_register", everyone=everyone, county=values["county"])
    run(connection, "core", "households_of_members", **values)
    run(connection, "core", "households_named", county=values["county"])


def _affect(connection: Connection, values: dict[str, Any], *, everyone: bool) -> tuple[dt.date, ...]:
    """Notes the affected households; returns the business dates they are affected on."""
    run(connection, "core", "affected_everyone" if everyone else "affected_touched", **values)
    touched = "touched_night_everyone" if everyone else "touched_nights"
    return tuple(run(connection, "core", touched, county=values["county"]).scalars())

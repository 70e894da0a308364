"""History is the same whatever order nights arrive in: against a model that knows nothing of our ways."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from warehouse_helpers import COUNTY, DAYS, query, take, trust

from xianjie import identity, landing, warehouse
from xianjie.contract.model import Contract, Field, Source
from xianjie.database.engine import Role, transaction
from xianjie.errors import StaleBaseError
from xianjie.landing import Delivery
from xianjie.warehouse import chain, dataset

KEYS, VALUES = "abcd", "xyz"
_names = itertools.count()


@dataclass(frozen=True)
class Coming:
    """What is delivered for a day: rows (key → value), and withdrawn keys (deltas only)."""

    day: int
    mode: str
    rows: tuple[tuple[str, str], ...]
    withdrawn: tuple[str, ...] = ()


def coming(day: int) -> st.SearchStrategy[Coming]:
    rows = st.dictionaries(st.sampled_from(KEYS), st.sampled_from(VALUES), max_size=4).map(
        lambda d: tuple(d.items())
    )
    full = st.builds(Coming, st.just(day), st.just("full"), rows)
    delta = st.builds(
        Coming, st.just(day), st.just("delta"), rows, st.lists(st.sampled_from(KEYS), max_size=1).map(tuple)
    )
    return full | delta.map(
        lambda d: Coming(d.day, d.mode, tuple(r for r in d.rows if r[0] not in d.withdrawn), d.withdrawn)
    )


@st.composite
def nights(draw: st.DrawFn) -> tuple[list[Coming], list[int]]:
    """Up to five deliveries over four days (a day may have two), and the order in which they are merged."""
    days = sorted(draw(st.lists(st.integers(0, 3), min_size=2, max_size=5)))
    deliveries = [draw(coming(day)) for day in days]
    order = draw(st.permutations(range(len(days))))
    return deliveries, list(order)


def model(deliveries: Sequence[Coming]) -> dict[str, list[tuple[str, int, int | None]]]:
    """The stretches of days each key had a value, by replaying the nights in the order of their dates."""
    state: dict[str, str] = {}
    by_day: dict[int, dict[str, str]] = {}
    for each in sorted(deliveries, key=lambda d: d.day):
        state = dict(each.rows) if each.mode == "full" else {**state, **dict(each.rows)}
        for key in each.withdrawn:
            state.pop(key, None)
        by_day[each.day] = dict(state)
    found: dict[str, list[tuple[str, int, int | None]]] = {}
    for key in KEYS:
        stretches: list[tuple[str, int, int | None]] = []
        for day in sorted(by_day):
            value = by_day[day].get(key)
            last = stretches[-1] if stretches and stretches[-1][2] is None else None
            if last and last[0] != value:
                stretches[-1] = (last[0], last[1], day)
            if value is not None and (last is None or last[0] != value):
                stretches.append((value, day, None))
        if stretches:
            found[key] = stretches
    return found


def make_contract() -> Contract:
    name = f"order_{next(_names)}"
    return Contract(
        id=f"employment.{name}",
        code="TST",
        version="1.0.0",
        department="employment",
        department_title="就业局",
        dataset=name,
        title="试验",
        key=("k",),
        delivery_mode="full",
        arrival_deadline=dt.time(22),
        cutoff=dt.time(22),
        source=Source(connector="folder", options={"withdrawn_field": "withdrawn"}, format="csv"),
        fields=(Field(name="k", label="键", required=True), Field(name="v", label="值")),
    )


def land(contract: Contract, each: Coming) -> Delivery:
    cells = [[key, value, None] for key, value in each.rows] + [[key, None, "D"] for key in each.withdrawn]
    table = landing.BatchTable("f", ("键", "值", "withdrawn"), landing.text_batches(cells, 3))
    return landing.publish(contract, DAYS[each.day], [table], mode=each.mode, county_code=COUNTY)  # type: ignore[arg-type]


def arrive(deliveries: Sequence[Coming], order: Sequence[int]) -> Contract:
    contract = make_contract()
    with transaction(Role.OWNER) as connection:
        dataset.ensure_dataset(connection, contract)
    landed = [land(contract, each) for each in deliveries]
    for n in order:
        take(landed[n], contract, by=trust)
    return contract


def stretches(contract: Contract) -> dict[str, list[tuple[str, int, int | None]]]:
    rows = query(
        f"select c.k, c.v, h.valid_from - date '{DAYS[0]}' as since,"
        f" case when h.valid_to < 'infinity' then h.valid_to - date '{DAYS[0]}' end as until"
        f" from history.{contract.table} as h join changes.{contract.table} as c using (change_id, county_code)"
        " where h.known_to = 'infinity' order by c.k, h.valid_from"
    )
    found: dict[str, list[tuple[str, int, int | None]]] = {}
    for key, value, since, until in rows:
        found.setdefault(key, []).append((value, since, until))
    return found


_quick = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), database=None)


@_quick
@given(nights())
def test_history_is_the_same_whatever_order_nights_arrive_in(
    warehouse_url: str, drawn: tuple[list[Coming], list[int]]
) -> None:
    deliveries, order = drawn
    contract = arrive(deliveries, order)
    assert stretches(contract) == model(deliveries)


@_quick
@given(nights())
def test_what_was_known_at_a_moment_never_changes(
    warehouse_url: str, drawn: tuple[list[Coming], list[int]]
) -> None:
    deliveries, order = drawn
    contract = make_contract()
    with transaction(Role.OWNER) as connection:
        dataset.ensure_dataset(connection, contract)
    moments = []
    landed = [land(contract, each) for each in deliveries]
    for n in order:
        take(landed[n], contract, by=trust)
        moments.append(query("select clock_timestamp()")[0][0])
    for arrived, moment in enumerate(moments, start=1):
        for day in range(4):
            seen = dict(query(f"select k, v from facts.{contract.table}", day=DAYS[day], known=moment))
            known = model([deliveries[n] for n in sorted(order[:arrived])])
            expected = {
                key: value
                for key, found in known.items()
                for value, since, until in found
                if since <= day and (until is None or day < until)
            }
            assert seen == expected, (arrived, day)


def test_a_late_night_brings_its_successor_along(warehouse_url: str) -> None:
    deliveries = [
        Coming(0, "full", (("a", "x"), ("b", "x"))), Coming(1, "full", (("a", "y"),)),
        Coming(2, "full", (("a", "x"), ("b", "x"))),
    ]  # fmt: skip
    contract = arrive(deliveries, [0, 2, 1])
    assert stretches(contract) == {
        "a": [("x", 0, 1), ("y", 1, 2), ("x", 2, None)],
        "b": [("x", 0, 1), ("x", 2, None)],
    }


def test_the_same_delivery_again_changes_nothing(warehouse_url: str) -> None:
    contract = arrive([Coming(0, "full", (("a", "x"),)), Coming(0, "full", (("a", "x"),))], [0, 1])
    assert query(f"select count(*) from changes.{contract.table}") == [(1,)]
    assert stretches(contract) == {"a": [("x", 0, None)]}


def test_absent_withdrawn_and_back_again_are_told_apart(warehouse_url: str) -> None:
    deliveries = [
        Coming(0, "full", (("a", "x"), ("b", "x"))), Coming(1, "full", (("b", "x"),)),
        Coming(2, "delta", (("a", "x"),), ("b",)),
    ]  # fmt: skip
    contract = arrive(deliveries, [0, 1, 2])
    log = query(
        f"select k, op, business_date - date '{DAYS[0]}' from changes.{contract.table} order by change_id"
    )
    assert [(op, day) for _, op, day in log] == [("U", 0), ("U", 0), ("A", 1), ("U", 2), ("W", 2)]
    assert stretches(contract) == {"a": [("x", 0, 1), ("x", 2, None)], "b": [("x", 0, 2)]}


def test_a_stale_comparison_is_refused_and_leaves_nothing(warehouse_url: str) -> None:
    contract = arrive([Coming(0, "full", (("a", "x"),))], [0])
    early, lately = (
        land(contract, Coming(1, "full", (("a", "y"),))),
        land(contract, Coming(1, "full", (("a", "z"),))),
    )
    trust(contract, early)
    linked = identity.link(contract, early)
    take(lately, contract, by=trust)
    with pytest.raises(StaleBaseError):
        warehouse.merge(contract, early, linked)
    assert query("select merged_at from ops.delivery where delivery_id = :id", id=early.delivery_id) == [
        (None,)
    ]
    assert stretches(contract) == {"a": [("x", 0, 1), ("z", 1, None)]}


def test_deliveries_keep_their_place_in_the_chain(warehouse_url: str) -> None:
    contract = make_contract()
    with transaction(Role.OWNER) as connection:
        dataset.ensure_dataset(connection, contract)
    landed = [
        land(contract, Coming(day, mode, (("a", value),)))
        for day, mode, value in [(0, "full", "x"), (1, "delta", "y"), (3, "full", "z"), (2, "delta", "x")]
    ]
    for delivery in landed:
        take(delivery, contract, by=trust)
    with transaction() as connection:
        chains = chain.read(connection, contract, COUNTY)
    ids = [delivery.delivery_id for delivery in landed]
    assert chains.by_date == {
        DAYS[0]: (ids[0],), DAYS[1]: (ids[0], ids[1]), DAYS[2]: (ids[0], ids[1], ids[3]), DAYS[3]: (ids[2],),
    }  # fmt: skip
    for delivery in landed:
        assert chains.before(delivery) == landing.base_ids(
            contract, delivery.business_date, COUNTY, delivery_id=delivery.delivery_id
        )

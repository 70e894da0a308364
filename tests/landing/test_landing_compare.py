from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from landing_helpers import DAY, HEADER, batch_table, land, make_contract, read
from sqlalchemy import text

from xianjie import landing
from xianjie.contract.model import Contract, Source
from xianjie.database.engine import transaction

pytestmark = pytest.mark.usefixtures("warehouse_url")
WITHDRAWABLE = make_contract(source=Source(connector="folder", options={"withdrawn_field": "操作"}))

# A row in the small: key (empty when missing), value, operation.
Small = tuple[str, str, str]


def small_land(rows: Sequence[Small], mode: str) -> landing.Delivery:
    full = [(key or None, "甲", value, None, op) for key, value, op in rows]
    return land(WITHDRAWABLE, full, mode=mode, header=(*HEADER, "操作"))


@dataclass
class Expected:
    changed: list[tuple[int, str, int]]
    absent: int


def brute_force(chain: Sequence[tuple[str, Sequence[Small]]], rows: Sequence[Small], mode: str) -> Expected:
    """The same comparison, one row at a time."""
    state: dict[object, list[str]] = {}
    for chain_mode, chain_rows in chain:
        if chain_mode == "full":
            state = {}
        touched: dict[object, list[str]] = {}
        for key, value, op in chain_rows:
            versions = touched.setdefault(identity(key, value), [])
            if op == "U":
                versions.append(value)
        state |= touched
    state = {key: versions for key, versions in state.items() if versions}
    copies = Counter(identity(key, value) for key, value, _ in rows)
    variants: dict[object, set[tuple[str, str]]] = {}
    for key, value, op in rows:
        variants.setdefault(identity(key, value), set()).add((value, op))
    changed, seen = [], set()
    for number, (key, value, op) in enumerate(rows, start=1):
        name = identity(key, value)
        held = state.get(name)
        differs = held != [value] if op == "U" else held is not None
        if differs or copies[name] > 1:
            duplicate = 2 if len(variants[name]) > 1 else int((name, op) in seen)
            changed.append((number, "new" if held is None else "changed", duplicate))
        seen.add((name, op))
    absent = sum(1 for key in state if key not in copies) if mode == "full" else 0
    return Expected(changed, absent)


def identity(key: str, value: str) -> object:
    return key if key else ("whole row", value)


small_row = st.tuples(
    st.sampled_from(["", "a", "b", "c", "d"]), st.sampled_from("xyz"), st.sampled_from("UUUD")
)
small_rows = st.lists(small_row, max_size=7)
mode = st.sampled_from(["full", "delta"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chain=st.lists(st.tuples(mode, small_rows), max_size=3), rows=small_rows, how=mode)
def test_it_finds_what_a_row_by_row_comparison_finds(chain, rows, how):
    base = [small_land(chain_rows, chain_mode) for chain_mode, chain_rows in chain]
    delivery = small_land(rows, how)
    diff = landing.compare(delivery, base)
    expected = brute_force(chain, rows, how)
    folder = landing.work_folder(delivery)
    assert sorted(read(folder / landing.CHANGED, "_row, _change, _duplicate")) == expected.changed
    assert diff.absent == expected.absent == len(read(folder / landing.ABSENT))
    assert diff.landed == len(rows) == diff.unchanged + diff.changed
    assert diff.changed == len(expected.changed)


def test_a_first_delivery_is_all_new(contract):
    rows = [(f"{n:018d}", "甲", "校", "1") for n in range(250_000)]
    delivery = land(contract, [*rows, rows[5]])
    diff = landing.compare(delivery, ())
    changed = landing.work_folder(delivery) / landing.CHANGED
    assert (diff.new, diff.unchanged, diff.duplicate, diff.base_ids) == (250_001, 0, 2, ())
    assert read(changed, "count(distinct _row)") == [(250_001,)]
    assert duckdb.sql(f"select _row from read_parquet('{changed}') where _duplicate = 1").fetchall() == [
        (250_001,)
    ]


@pytest.mark.timeout(60)
@pytest.mark.parametrize("how", ["full", "delta"])
def test_thousands_of_rows_with_one_placeholder_for_a_key_do_not_multiply(contract, how):
    rows = [("无", f"甲{number % 7}", "校", "1") for number in range(30_000)]
    base = land(contract, [*rows, ("k", "乙", "校", "1")])
    diff = landing.compare(land(contract, [*rows, ("k", "乙", "校", "1")], mode=how), [base])
    assert (diff.changed, diff.new, diff.unchanged, diff.duplicate) == (30_000, 0, 1, 30_000)


def test_the_same_rows_again_change_nothing_whatever_their_dress(contract):
    first = land(
        contract, [("639900201001011234", "张三", "桥头小学", "1"), ("63990020100102123x", "李四", None, "2")]
    )
    dressed = [
        ("63990020100102123X", "李四", "", "２"),
        (" ６39900201001011234", "张三\t", "\u3000桥头小学", "1 "),
    ]
    second = land(contract, dressed)
    diff = landing.compare(second, [first])
    # The x of an ID number is the same key in another dress of the row: only that row is looked at again.
    assert (diff.unchanged, diff.changed, diff.new, diff.absent) == (1, 1, 0, 0)


def test_reordered_columns_change_nothing(contract):
    rows = [("639900201001011234", "张三", "桥头小学", "1")]
    first = land(contract, rows)
    second = land(contract, [row[::-1] for row in rows], header=HEADER[::-1])
    assert landing.compare(second, [first]).unchanged == 1


def test_a_field_added_at_the_end_of_the_contract_changes_nothing_until_it_is_filled(contract):
    rows = [("639900201001011234", "张三", "桥头小学", None), ("639900201001021235", "李四", "桥头小学", "")]
    shorter = make_contract(fields=contract.fields[:3])
    first = land(shorter, [row[:3] for row in rows], header=HEADER[:3])
    assert landing.compare(land(contract, rows), [first]).unchanged == 2
    assert landing.compare(land(contract, [(*row[:3], "1") for row in rows]), [first]).changed == 2


def test_only_keys_and_hashes_of_the_base_are_read(contract):
    first = land(contract, [("a", "甲", "校", "1"), ("b", "乙", "校", "2")])
    second = land(contract, [("a", "甲", "校", "1"), ("b", "乙", "校", "3")])
    data = first.data_path
    duckdb.sql(
        f"copy (select _key, _hash, _op from read_parquet('{data}')) to '{data}.keys' (format parquet)"
    )
    Path(f"{data}.keys").replace(data)
    assert landing.compare(second, [first]).changed == 1


def test_it_can_run_again_and_says_the_same(contract):
    first = land(contract, [("a", "甲", "校", "1")])
    second = land(contract, [("b", "乙", "校", "2")])
    once = landing.compare(second, [first])
    assert landing.compare(second, [first]) == once == landing.load_diff(second)
    assert landing.load_diff(first) is None


def record_base(contract: Contract, day: dt.date, ids: Sequence[str]) -> None:
    with transaction() as connection:
        connection.execute(
            text(
                "insert into ops.diff_base values (:county, :department, :dataset, :day, :ids, now()) "
                "on conflict (county_code, department, dataset, business_date) "
                "do update set delivery_ids = :ids"
            ),
            {
                "county": "639900",
                "department": contract.department,
                "dataset": contract.dataset,
                "day": day,
                "ids": list(ids),
            },
        )


def test_the_base_is_what_the_warehouse_recorded_not_the_latest_folder():
    contract = make_contract(id="education.student_aid", dataset="student_aid")
    days = [DAY + dt.timedelta(days=n) for n in range(4)]
    old, merged, unmerged, tonight = (
        land(contract, [("a", "甲", "校", str(n))], day=day) for n, day in enumerate(days)
    )
    assert landing.base_for(contract, days[3]) == ()
    record_base(contract, days[0], [old.delivery_id])
    record_base(contract, days[1], [old.delivery_id, merged.delivery_id])
    assert landing.base_for(contract, days[3], "639900") == (old, merged)
    assert landing.base_for(contract, days[0]) == (old,)
    assert landing.base_for(contract, days[0] - dt.timedelta(days=1)) == ()
    assert landing.base_for(contract, days[3], "630121") == ()
    assert tonight.delivery_id != unmerged.delivery_id


def test_a_merged_delivery_is_compared_with_what_stood_before_it():
    contract = make_contract(id="education.dropout_ledger", dataset="dropout_ledger")
    first, second = land(contract, []), land(contract, [], day=DAY + dt.timedelta(days=1), mode="delta")
    third = land(contract, [], day=DAY + dt.timedelta(days=2))
    record_base(contract, first.business_date, [first.delivery_id])
    record_base(contract, second.business_date, [first.delivery_id, second.delivery_id])
    record_base(contract, third.business_date, [third.delivery_id])
    base = {each.delivery_id: landing.base_ids(contract, each.business_date, delivery_id=each.delivery_id)
            for each in (first, second, third)}  # fmt: skip
    assert base == {
        first.delivery_id: (),
        second.delivery_id: (first.delivery_id,),
        third.delivery_id: (first.delivery_id, second.delivery_id),
    }


def test_a_tables_order_is_that_of_its_lines(contract):
    delivery = landing.publish(
        contract, DAY, [batch_table([("a", "甲", "校", "1")], first_line=7)], mode="full"
    )
    assert read(delivery.data_path, "_line") == [(7,)]

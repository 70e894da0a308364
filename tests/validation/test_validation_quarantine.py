"""Returned rows: one open item a cause, closed by what later deliveries say."""

from __future__ import annotations

import datetime as dt
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from xianjie.database.engine import transaction
from xianjie.errors import LedgerError
from xianjie.validation import Verdict, balance, check, ledger, quarantine

DAY = dt.timedelta(days=1)
BAD = "很多"
TABLES = (
    "quality.quarantined_row",
    "quality.warned_row",
    "quality.finding",
    "quality.rule_count",
    "quality.profile",
    "quality.gate_result",
    "quality.decision",
)
pytestmark = pytest.mark.usefixtures("clean_slate")


@pytest.fixture
def night(deliver: Any, county: ModuleType) -> Any:
    """Delivers and checks on the n-th night; the delivery becomes the next one's base."""

    def run(n: int, rows: list[Any], **how: Any) -> Verdict:
        delivery = deliver(rows, county.FIRST + n * DAY, **how)
        verdict = check(county.POSTS, delivery.delivery_id)
        if verdict.decision == "accept":
            county.merged(delivery)
        return verdict

    return run


def rows(county: ModuleType, **changes: str | None) -> list[dict[str, str | None]]:
    """A hundred rows, the seventh of them changed."""
    return [county.good_row(n, **(changes if n == 7 else {})) for n in range(100)]


def items(county: ModuleType, table: str = "quarantined_row") -> list[tuple[Any, ...]]:
    found = county.rows_of(
        f"select state, opened_on, closed_on from quality.{table} order by opened_on, state"
    )
    return [tuple(row) for row in found]


def everything(county: ModuleType) -> dict[str, list[tuple[Any, ...]]]:
    """All rows validation wrote, without the moments of writing."""
    found = {table: county.rows_of(f"select * from {table}") for table in TABLES}
    found["ledger"] = county.rows_of(
        "select delivery_id, landed, unchanged, accepted, quarantined, merged, is_current from ops.ledger"
    )
    found["verdict"] = county.rows_of(
        "select delivery_id, verdict, verdict_code, verdict_reason from ops.delivery"
    )
    return {name: sorted(tuple(map(str, row)) for row in listed) for name, listed in found.items()}


def test_a_bad_row_opens_an_item_with_all_it_breaks(night: Any, county: ModuleType) -> None:
    verdict = night(0, rows(county, pay_yuan=BAD, ends_on="2025-01-05"))
    (item,) = county.rows_of("select * from quality.quarantined_row")
    assert (item.state, item.opened_on, item.source_file, item.source_line) == (
        "open",
        county.FIRST,
        "岗位.csv",
        9,
    )
    assert item.delivery_id == verdict.delivery_id
    findings = county.rows_of(
        "select * from quality.finding where row_id = :id order by rule_id", id=item.row_id
    )
    assert [(f.rule_id, f.field, f.external_number, f.level) for f in findings] == [
        ("TST-01.ends_after_start", "starts_on,ends_on", "3_01_005", 3),
        ("TST-01.pay_yuan.type", "pay_yuan", None, None),
    ]
    assert findings[0].fix == "请核对起止日期"


def test_the_same_bad_row_again_stays_one_open_item(night: Any, county: ModuleType) -> None:
    night(0, rows(county, pay_yuan=BAD))
    verdict = night(1, rows(county, pay_yuan=BAD))
    assert verdict.ledger.unchanged == 100
    assert items(county) == [("open", county.FIRST, None)]


def test_a_good_row_of_the_same_record_supersedes(night: Any, county: ModuleType) -> None:
    night(0, rows(county, pay_yuan=BAD))
    second = night(1, rows(county, pay_yuan="900"))
    assert items(county) == [("superseded", county.FIRST, county.FIRST + DAY)]
    assert county.rows_of("select closed_by from quality.quarantined_row")[0].closed_by == second.delivery_id


def test_other_bad_content_replaces_the_item(night: Any, county: ModuleType) -> None:
    night(0, rows(county, pay_yuan=BAD))
    night(1, rows(county, pay_yuan="更多"))
    assert items(county) == [
        ("replaced", county.FIRST, county.FIRST + DAY),
        ("open", county.FIRST + DAY, None),
    ]


def test_a_record_that_is_no_longer_delivered_is_gone(night: Any, county: ModuleType) -> None:
    night(0, rows(county, pay_yuan=BAD))
    night(1, [row for n, row in enumerate(rows(county)) if n != 7])
    assert items(county) == [("gone", county.FIRST, county.FIRST + DAY)]


def test_a_withdrawn_record_is_gone(night: Any, county: ModuleType) -> None:
    night(0, rows(county, pay_yuan=BAD))
    contract = county.POSTS.model_copy(
        update={
            "source": county.POSTS.source.model_copy(
                update={"options": {"path": "x", "withdrawn_field": "withdrawn"}}
            )
        }
    )
    verdict = night(1, [county.good_row(7) | {"_op": "D"}], mode="delta", contract=contract)
    assert verdict.ledger.withdrawn == 1
    assert items(county) == [("gone", county.FIRST, county.FIRST + DAY)]


def test_a_delta_leaves_what_it_does_not_mention(night: Any, county: ModuleType) -> None:
    night(0, rows(county, pay_yuan=BAD))
    night(1, [county.good_row(8, pay_yuan="901")], mode="delta")
    assert items(county) == [("open", county.FIRST, None)]


def test_exact_repeats_are_one_item_and_stay_open_until_removed(night: Any, county: ModuleType) -> None:
    once = [county.good_row(n) for n in range(250)]
    for n in range(2):
        verdict = night(n, [*once, county.good_row(7)])
        assert (verdict.ledger.accepted + verdict.ledger.unchanged, verdict.ledger.quarantined) == (250, 1)
    assert items(county) == [("open", county.FIRST, None)]
    night(2, once)
    assert items(county) == [("superseded", county.FIRST, county.FIRST + 2 * DAY)]


def test_warnings_are_kept_and_closed_alike(night: Any, county: ModuleType) -> None:
    first = night(0, rows(county, pay_yuan="4000"))
    assert (first.ledger.accepted, first.ledger.warned) == (100, 1)
    assert items(county, "warned_row") == [("open", county.FIRST, None)]
    night(1, rows(county, pay_yuan="900"))
    assert items(county, "warned_row") == [("superseded", county.FIRST, county.FIRST + DAY)]
    assert items(county) == []


def test_a_refused_delivery_opens_and_closes_nothing(night: Any, county: ModuleType) -> None:
    night(0, rows(county, pay_yuan=BAD))
    assert night(1, rows(county, pay_yuan="900")[:30]).decision == "refuse"
    assert items(county) == [("open", county.FIRST, None)]
    assert county.rows_of("select count(*) as n from quality.gate_result")[0].n > 10


def test_checking_again_changes_nothing(night: Any, county: ModuleType) -> None:
    first = night(0, rows(county, pay_yuan=BAD, sex="错"))
    second = night(1, rows(county, pay_yuan="900", remark="y"))
    before = everything(county)
    for verdict in (second, first, second):
        check(county.POSTS, verdict.delivery_id)
        assert everything(county) == before


def test_a_late_delivery_does_not_close_what_came_after_it(
    deliver: Any, night: Any, county: ModuleType
) -> None:
    night(1, rows(county, pay_yuan=BAD))
    late = deliver(rows(county, pay_yuan="900"), county.FIRST)
    check(county.POSTS, late.delivery_id)
    assert items(county) == [("open", county.FIRST + DAY, None)]


def test_a_kill_before_the_commit_leaves_nothing(
    deliver: Any, night: Any, county: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    night(0, rows(county, pay_yuan=BAD))
    delivery = deliver(rows(county, pay_yuan="900"), county.FIRST + DAY)
    before = everything(county)
    record = quarantine.record

    def killed(*arguments: Any) -> None:
        record(*arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(quarantine, "record", killed)
        with pytest.raises(KeyboardInterrupt):
            check(county.POSTS, delivery.delivery_id)
    assert everything(county) == before
    check(county.POSTS, delivery.delivery_id)
    assert items(county) == [("superseded", county.FIRST, county.FIRST + DAY)]


def test_rows_that_do_not_add_up_are_not_judged(
    deliver: Any, county: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery = deliver(rows(county), county.FIRST)
    counted = balance.rows_in
    monkeypatch.setattr(balance, "rows_in", lambda path: counted(path) + ("changed" in str(path)))
    with pytest.raises(LedgerError, match="100 ≠ 101"):
        check(county.POSTS, delivery.delivery_id)
    assert county.rows_of("select verdict from ops.delivery")[0].verdict is None
    assert county.rows_of("select * from ops.ledger") == []


def test_the_ledger_shows_the_delivery_that_counts(night: Any, county: ModuleType) -> None:
    night(0, rows(county))
    accepted = night(1, rows(county, pay_yuan="900"))
    assert night(1, rows(county)[:30]).decision == "refuse"
    (row,) = ledger(county.FIRST + DAY, county.COUNTY)
    assert (row.delivery_id, row.verdict) == (accepted.delivery_id, "accept")
    assert (row.landed, row.unchanged, row.accepted, row.quarantined) == (100, 99, 1, 0)


def test_a_ledger_row_that_disagrees_with_the_landing_raises(night: Any, county: ModuleType) -> None:
    night(0, rows(county))
    with transaction() as connection:
        connection.execute(text("update ops.delivery set landed_rows = 99"))
    with pytest.raises(LedgerError):
        ledger(county.FIRST, county.COUNTY)


def test_no_personal_value_enters_the_database(night: Any, county: ModuleType) -> None:
    given = [county.good_row(n, name=f"马{n}占林", pay_yuan=BAD if n < 5 else "4000") for n in range(100)]
    night(0, given)
    with transaction() as connection:
        written = "\n".join(_dump(connection))
    assert "TST-01.pay_high" in written
    for row in given:
        assert not [name for name in ("name", "id_number", "post_no") if str(row[name]) in written]


def _dump(connection: Connection) -> list[str]:
    tables = connection.execute(
        text(
            "select table_schema || '.' || table_name from information_schema.tables "
            "where table_schema in ('quality', 'ops') and table_type = 'BASE TABLE'"
        )
    ).scalars()
    return [
        str(row) for table in tables.all() for row in connection.execute(text(f"select * from {table}")).all()
    ]


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    nights=st.lists(
        st.lists(st.sampled_from(["absent", "900", "901", BAD, "更多"]), min_size=6, max_size=6),
        min_size=2,
        max_size=4,
    )
)
def test_any_sequence_balances_and_has_one_open_item_a_cause(
    nights: list[list[str]], night: Any, county: ModuleType, clean_slate: None
) -> None:
    with transaction() as connection:
        for table in (*TABLES, "ops.diff_base", "ops.ledger", "ops.delivery"):
            connection.execute(text(f"delete from {table}"))
    for n, states in enumerate(nights):
        given_rows = [county.good_row(k) for k in range(10, 110)]
        given_rows += [county.good_row(k, pay_yuan=pay) for k, pay in enumerate(states) if pay != "absent"]
        verdict = night(n, given_rows)
        if n % 2:
            check(county.POSTS, verdict.delivery_id)
        row = verdict.ledger
        assert row.landed == row.unchanged + row.accepted + row.quarantined == len(given_rows)
        open_now = county.rows_of("select record_key from quality.quarantined_row where closed_on is null")
        assert len(open_now) == len(set(open_now)) == sum(pay in (BAD, "更多") for pay in states)

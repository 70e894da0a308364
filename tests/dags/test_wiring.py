"""Watermarks, pools and steps: the parts of a night that need no scheduler."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xianjie.contract.catalogue import catalogue
from xianjie.dates import business_date_of
from xianjie.errors import BusinessDateError
from xianjie.night import pools, watermarks, wiring

DAY = dt.date(2026, 9, 22)
MARKS = {"2026-09-20": "a", "2026-09-21": "b", "2026-09-23": "c"}


def test_a_pull_starts_from_the_latest_earlier_night():
    assert watermarks.before(MARKS, DAY) == "b"


def test_the_first_night_starts_from_the_beginning():
    assert watermarks.before(None, DAY) is None
    assert watermarks.before(MARKS, dt.date(2026, 9, 20)) is None


def test_a_backfill_leaves_later_marks_alone():
    assert watermarks.moved(MARKS, DAY, "x") == {**MARKS, "2026-09-22": "x"}


@given(st.lists(st.dates(), min_size=1, max_size=100, unique=True))
def test_only_the_last_nights_are_kept(days):
    marks = {}
    for day in days:
        marks = watermarks.moved(marks, day, day.isoformat())
    assert list(marks) == sorted(marks)
    assert len(marks) == min(len(days), watermarks.KEPT_NIGHTS)


@given(st.dates(), st.dates())
def test_a_date_pulled_again_reads_the_same_window(earlier, day):
    marks = {earlier.isoformat(): "x"}
    before = watermarks.before(marks, day)
    assert watermarks.before(watermarks.moved(marks, day, "y"), day) == (before if earlier != day else None)


def test_every_source_connection_has_a_pool():
    wanted = {wiring.pool_of(contract) for contract in catalogue().active()} - {"default_pool"}
    assert {pool["name"] for pool in pools.pools()} == wanted
    assert all(pool["slots"] >= 1 for pool in pools.pools())


class _Run:
    def __init__(self, partition_key=None, conf=None):
        self.partition_key, self.conf = partition_key, conf


def test_a_run_is_dated_by_its_key_or_its_conf():
    assert business_date_of(_Run(partition_key="2026-09-22")) == DAY
    assert business_date_of(_Run(conf={"business_date": "2026-09-22"})) == DAY


@pytest.mark.parametrize(
    "run", [_Run(), _Run(partition_key=""), _Run(conf={}), _Run(partition_key="2026-13-01")]
)
def test_a_run_without_a_date_is_refused(run):
    with pytest.raises(BusinessDateError) as refused:
        business_date_of(run)
    assert "night run --date" in refused.value.next_command


def test_a_missed_deadline_is_one_line_with_the_date_and_the_next_command(caplog):
    run = {"dag_id": "warehouse", "dag_run_id": "r", "partition_key": "2026-09-22"}
    wiring.report_missed_deadline("仓库一小时内未完成", {"dag_run": run})
    (record,) = caplog.records
    assert "XJ-DEADLINE" in record.message
    assert record.message.endswith("xianjie night status --date 2026-09-22")

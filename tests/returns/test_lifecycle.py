"""What time, people at the command line, and changed rules make of items."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from returns_helpers import (
    DAYS,
    EARLY,
    Office,
    answer,
    assert_reconciled,
    balance,
    county,
    ends,
    items,
    night,
    open_ids,
    posts,
    query,
)  # fmt: skip

from xianjie import returns
from xianjie.contract.catalogue import _catalogue
from xianjie.database.engine import transaction
from xianjie.settings import settings
from xianjie.validation.quarantine import mark_returned

GOOD = "2027-06-30"


@pytest.fixture
def include(tmp_path: Path) -> Iterator[Path]:
    """A copy of the include folder to change."""
    folder = tmp_path / "include"
    shutil.copytree(settings().include_dir, folder)
    os.environ["XIANJIE_INCLUDE_DIR"] = str(folder)
    settings.cache_clear()
    yield folder
    del os.environ["XIANJIE_INCLUDE_DIR"]
    settings.cache_clear()


def change(include: Path, old: str, new: str) -> None:
    """Another text of the contract, read from now on."""
    path = include / "contracts" / "employment" / "public_posts.yaml"
    assert old in path.read_text(encoding="utf-8")
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    _catalogue.cache_clear()


def test_a_waiver_that_ends_opens_the_item_again_with_its_age(office: Office) -> None:
    old = posts({7: {"contract_end_date": EARLY}})
    night(0, old)
    (row,) = open_ids()
    done = returns.waive(row, why="补签合同，属实", until=DAYS[3], by="steward", business_date=DAYS[1])
    assert done.result == "waived"
    assert ends()["G00007"] == [EARLY]
    assert returns.expire(DAYS[3]) == returns.Expired(0, 0, 0)
    night(3, old)
    assert open_ids() == []
    assert returns.expire(DAYS[4]) == returns.Expired(0, 1, 1)
    assert returns.expire(DAYS[4]) == returns.Expired(0, 0, 0)
    assert items() == [("waived", 0, 1), ("open", 4, None)]
    origin = query("select origin_row_id, first_opened_on from quality.item where closed_on is null"
                   " and county_code = :county")  # fmt: skip
    assert origin == [(row, DAYS[0])]
    assert ends()["G00007"] == [EARLY]  # the last that was taken in stands
    assert_reconciled(0, 1, 3, 4)
    night(5, old)
    assert len(open_ids()) == 1
    assert_reconciled(5)


def test_a_waiver_can_be_ended_by_a_person(office: Office) -> None:
    night(0, posts({7: {"contract_end_date": EARLY}}))
    (row,) = open_ids()
    returns.waive(row, why="补签合同，属实", until=None, by="steward", business_date=DAYS[0])
    assert returns.end_waivers(row, by="steward", business_date=DAYS[1]).reopened == 1
    assert len(open_ids()) == 1


def test_what_nobody_answers_expires_and_a_good_row_still_closes_it(office: Office) -> None:
    old = posts({7: {"contract_end_date": EARLY}, 8: {"contract_end_date": EARLY}})
    night(0, old)
    first, second = open_ids()
    assert returns.expire(DAYS[59]).items == 0
    assert returns.expire(DAYS[60]).items == 2
    assert items() == [("expired", 0, 60)] * 2
    night(61, old)
    assert open_ids() == []
    assert_reconciled(0, 61)
    assert office.apply(62, answer(first, contract_end_date=GOOD)) == ["accepted"]
    night(63, posts({7: {"contract_end_date": GOOD}}))
    assert items() == [("accepted", 0, 62), ("superseded", 0, 63)]
    assert_reconciled(62, 63)
    assert second


def test_an_item_that_went_out_is_returned_and_counts_as_open(office: Office) -> None:
    night(0, posts({7: {"contract_end_date": EARLY}}))
    (row,) = open_ids()
    book = returns.Workbook("employment", DAYS[0], row, ()).workbook_id
    for _ in range(2):
        with transaction() as connection:
            assert mark_returned(connection, county(), [row], book, DAYS[0]) == 1
    assert items() == [("returned", 0, None)]
    night(1, posts({7: {"contract_end_date": EARLY}}))
    assert items() == [("returned", 0, None)]
    assert office.apply(1, answer(row, contract_end_date=GOOD)) == ["accepted"]


def test_a_loosened_rule_takes_the_rows_in_without_a_new_delivery(office: Office, include: Path) -> None:
    night(0, posts({7: {"contract_end_date": EARLY}, 8: {"attendance_days": "40"}}))
    assert returns.replay(DAYS[1]) == [
        returns.Replayed("employment", "public_posts", 2, 0, 0, None, DAYS[1])
    ]
    change(include, "contract_end_date < started_date", "contract_end_date < started_date - interval 2 year")
    (done,) = returns.replay(DAYS[1], department="employment", rule="EMP-02.contract_before_start")
    assert (done.tried, done.accepted, done.quarantined) == (1, 1, 0)
    assert balance(1) == [(1, 0, 1, 0, 1)]
    assert sorted(items(), key=str) == [("accepted", 0, 1), ("open", 0, None)]
    assert ends()["G00007"] == [EARLY]
    file, line = query("select source_file, source_line from quality.item where county_code = :county"
                       " and state = 'accepted'")[0]  # fmt: skip
    assert (file, line) == ("岗位.xlsx", 10)
    assert returns.replay(DAYS[1], department="employment")[0].delivery_id is None
    assert_reconciled(0, 1)


def test_a_tightened_rule_reaches_the_rows_that_stand(office: Office, include: Path) -> None:
    night(0, posts({7: {"contract_end_date": EARLY}, 8: {"attendance_days": "31"}}))
    change(include, "attendance_days not between 0 and 31", "attendance_days not between 0 and 30")
    assert returns.replay(DAYS[1], department="employment")[0].delivery_id is None
    (done,) = returns.replay(DAYS[1], department="employment", everything=True)
    assert (done.accepted, done.quarantined) == (0, 1)
    assert items() == [("open", 0, None), ("open", 1, None)]
    assert "G00008" in ends()
    assert returns.replay(DAYS[1], department="employment", everything=True)[0].delivery_id is None
    assert_reconciled(0, 1)


def test_a_row_is_judged_by_the_version_it_was_returned_under(office: Office, include: Path) -> None:
    night(0, posts({7: {"contract_end_date": EARLY}}))
    asked = answer(open_ids()[0], contract_end_date="2026-02-01")
    change(include, "contract_end_date < started_date", "contract_end_date < started_date + interval 90 day")
    change(include, "version: 1.0.0", "version: 1.1.0")
    assert office.apply(1, asked) == ["accepted"]
    assert query("select contract_version from ops.delivery where county_code = :county and origin = 'returns'") == [
        ("1.0.0",)
    ]


def test_findings_of_an_open_item_follow_the_rules_in_force(office: Office, include: Path) -> None:
    night(0, posts({7: {"contract_end_date": EARLY, "attendance_days": "31"}}))
    change(include, "attendance_days not between 0 and 31", "attendance_days not between 0 and 30")
    returns.replay(DAYS[0])
    assert query("select rule_id from quality.finding where county_code = :county order by 1") == [
        ("EMP-02.attendance_range",), ("EMP-02.contract_before_start",),
    ]  # fmt: skip
    assert len(open_ids()) == 1


def test_too_long_a_waiver_is_refused(office: Office) -> None:
    night(0, posts({7: {"contract_end_date": EARLY}}))
    with pytest.raises(Exception, match="有效期"):
        returns.waive(
            open_ids()[0], why="补签合同", until=DAYS[0] + dt.timedelta(days=999), by="x", business_date=DAYS[0]
        )


def test_a_late_night_with_the_same_bad_row_leaves_the_item_that_went_out(office: Office) -> None:
    bad = posts({7: {"contract_end_date": EARLY}})
    night(0, posts())
    night(3, bad)
    (row,) = open_ids()
    with transaction() as connection:
        assert mark_returned(connection, county(), [row], uuid.uuid4(), DAYS[4]) == 1
    for day in (2, 1):
        night(day, bad)
        assert open_ids() == [row]
    states = query("select state, first_opened_on from quality.item where county_code = :county"
                   " and closed_on is null")  # fmt: skip
    assert states == [("returned", DAYS[1])]
    assert ends()["G00007"] == ["2027-01-04"]  # the last good row stands
    assert_reconciled(0, 1, 2, 3)
    assert office.apply(4, answer(row, contract_end_date=GOOD)) == ["accepted"]
    assert open_ids() == []
    assert ends()["G00007"] == [GOOD]


def test_a_late_good_night_between_leaves_the_item_of_the_later_one(office: Office) -> None:
    bad = posts({7: {"contract_end_date": EARLY}})
    night(0, posts())
    night(3, bad)
    night(1, bad)
    night(2, posts({7: {"contract_end_date": GOOD}}))
    assert len(open_ids()) == 1
    assert ends()["G00007"] == [GOOD]
    assert_reconciled(0, 1, 2, 3)
    night(4, posts())
    assert open_ids() == []

"""When a dataset is owed: due days of weeks, months, quarters and years, and what meets them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xianjie.contract import Cadence, catalogue
from xianjie.errors import ContractError

Write = Callable[[dict[str, Any]], Path]
DAY = dt.timedelta(days=1)
MONTHLY, QUARTERLY = Cadence("month", 5), Cadence("quarter", 10, 1)
cadences = st.one_of(
    st.just(Cadence()),
    st.builds(Cadence, st.just("week"), st.integers(1, 7)),
    st.builds(Cadence, st.just("month"), st.integers(1, 31)),
    st.builds(Cadence, st.just("quarter"), st.integers(1, 31), st.integers(1, 3)),
    st.builds(Cadence, st.just("year"), st.integers(1, 31), st.integers(1, 12)),
)
days = st.dates(dt.date(2019, 1, 1), dt.date(2032, 12, 31))


@pytest.mark.parametrize(
    ("cadence", "on", "last", "coming"),
    [
        (Cadence(), "2026-09-22", "2026-09-22", "2026-09-23"),
        (Cadence("week", 5), "2026-09-22", "2026-09-18", "2026-09-25"),  # Tuesday; Fridays
        (Cadence("week", 2), "2026-09-22", "2026-09-22", "2026-09-29"),
        (MONTHLY, "2026-09-22", "2026-09-05", "2026-10-05"),
        (MONTHLY, "2026-01-04", "2025-12-05", "2026-01-05"),
        (Cadence("month", 31), "2026-02-28", "2026-02-28", "2026-03-31"),
        (QUARTERLY, "2026-09-22", "2026-07-10", "2026-10-10"),
        (Cadence("year", 30, 4), "2026-09-22", "2026-04-30", "2027-04-30"),
        (Cadence("year", 29, 2), "2027-03-01", "2027-02-28", "2028-02-29"),
    ],
)
def test_the_due_days_around_a_night(cadence: Cadence, on: str, last: str, coming: str) -> None:
    night = dt.date.fromisoformat(on)
    assert cadence.due_day(night) == dt.date.fromisoformat(last)
    assert cadence.next_due_day(night) == dt.date.fromisoformat(coming)


@pytest.mark.parametrize(
    ("cadence", "on", "last_accepted", "is_due"),
    [
        (Cadence(), "2026-09-22", "2026-09-22", True),
        (MONTHLY, "2026-09-22", None, True),  # nothing ever came
        (MONTHLY, "2026-09-22", "2026-09-01", False),  # came early in the month
        (MONTHLY, "2026-10-04", "2026-09-05", False),  # not yet
        (MONTHLY, "2026-10-05", "2026-09-05", True),
        (MONTHLY, "2026-10-09", "2026-09-05", True),  # still owed
        (MONTHLY, "2026-10-10", "2026-10-09", False),  # came late
        (QUARTERLY, "2026-09-22", "2026-06-30", True),
        (QUARTERLY, "2026-09-22", "2026-07-01", False),
    ],
)
def test_a_dataset_is_due_until_its_period_is_met(
    cadence: Cadence, on: str, last_accepted: str | None, is_due: bool
) -> None:
    last = dt.date.fromisoformat(last_accepted) if last_accepted else None
    assert cadence.is_due(dt.date.fromisoformat(on), last) is is_due


@given(cadences, days)
def test_due_days_follow_one_another_without_a_gap(cadence: Cadence, on: dt.date) -> None:
    last, coming = cadence.due_day(on), cadence.next_due_day(on)
    assert last <= on < coming
    assert cadence.next_due_day(last) == coming
    assert cadence.due_day(coming - DAY) == last
    assert (coming - last).days <= cadence.max_age_days


@given(cadences, days)
def test_whoever_delivers_on_every_due_day_never_owes_and_is_never_stale(
    cadence: Cadence, on: dt.date
) -> None:
    last = cadence.due_day(on)
    assert cadence.is_nightly or not cadence.is_due(on, last)
    assert (on - last).days <= cadence.max_age_days


def test_a_contract_file_says_when(write: Write, document: dict[str, Any]) -> None:
    document["slaProperties"] += [
        {"property": "frequency", "value": 1, "unit": "q"},
        {"property": "due_day", "value": "01-10"},
    ]
    cadence = catalogue(write(document)).get("water.outage").cadence
    assert cadence == QUARTERLY
    assert cadence.text == "每季度第 1 个月 10 日前"


@pytest.mark.parametrize(
    ("frequency", "due_day"),
    [
        ({"value": 1, "unit": "fortnight"}, 5),
        ({"value": 2, "unit": "w"}, 5),
        ({"value": 1, "unit": "w"}, None),
        ({"value": 1, "unit": "w"}, 8),
        ({"value": 1, "unit": "m"}, "01-05"),
        ({"value": 1, "unit": "q"}, "04-10"),
        ({"value": 1, "unit": "y"}, 10),
        ({"value": 1, "unit": "y"}, "spring"),
    ],
)
def test_what_makes_no_sense_is_a_fault(
    write: Write, document: dict[str, Any], frequency: dict[str, Any], due_day: int | str | None
) -> None:
    document["slaProperties"].append({"property": "frequency", **frequency})
    if due_day is not None:
        document["slaProperties"].append({"property": "due_day", "value": due_day})
    with pytest.raises(ContractError, match=r"slaProperties: .*(frequency|due_day)"):
        catalogue(write(document))


def test_a_value_to_discard_costs_no_row(write: Write, document: dict[str, Any]) -> None:
    document["schema"][0]["properties"][3]["customProperties"] = [
        {"property": "xianjie", "value": {"drift": "discard"}}
    ]
    assert catalogue(write(document)).get("water.outage").field("ended_date").severity == "warn"

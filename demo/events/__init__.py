"""Scripted events in the life of the county, each with its truth.

In: the clean datasets of one day as tables. Out: the same, patched, and `Event` records. What a department
learns is in its rows from that day on, and reaches the warehouse when the department next delivers.
Subjects are drawn by the seed among households and rows without damage, so that nothing hides an event.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import duckdb

from demo.calendar import FIRST_NIGHT, SECOND_NIGHT
from demo.events.day import Day, Event
from demo.events.family import birth, death_while_paid, income_fell, marriage, move, new_disability
from demo.events.home_and_school import drop_out, house_graded_d
from demo.events.slips import death_overlooked, second_head
from demo.events.welfare import (
    dibao_started,
    dibao_stopped,
    relief_committed_late,
    relief_repeated,
    relief_withdrawn,
)
from demo.events.work import job_lost, overlapping_risks, post_ending

__all__ = ["Day", "Event", "happen"]

Script = tuple[tuple[Callable[[Day, int], None], int], ...]

FIRST: Script = ((relief_committed_late, 3), (second_head, 2), (death_overlooked, 1))
SECOND: Script = (
    (drop_out, 3),
    (dibao_stopped, 2),
    (dibao_started, 2),
    (house_graded_d, 2),
    (job_lost, 3),
    (overlapping_risks, 1),
    (relief_repeated, 2),
    (relief_withdrawn, 1),
    (new_disability, 1),
    (death_while_paid, 1),
    (move, 1),
    (birth, 2),
    (marriage, 1),
    (post_ending, 2),
    (income_fell, 2),
)
LATER: Script = ((birth, 1), (move, 1), (job_lost, 1), (relief_repeated, 1), (post_ending, 1))
EVERY_FIFTH: Script = ((house_graded_d, 1), (drop_out, 1), (marriage, 1))


def happen(connection: duckdb.DuckDBPyConnection, day: dt.date) -> list[Event]:
    """Applies a day's scripted events to the dataset tables of `connection` and returns them.

    The first night has the late-committed rows and what offices overlooked before it, the second every other kind,
    later nights a few.
    """
    today = Day(connection, day)
    for event, count in script_of(day):
        event(today, count)
    return today.events


def script_of(day: dt.date) -> Script:
    """Which events happen on a day, and how often."""
    if day == FIRST_NIGHT:
        return FIRST
    if day == SECOND_NIGHT:
        return SECOND
    return (*LATER, *EVERY_FIFTH) if day.day % 5 == 0 else LATER

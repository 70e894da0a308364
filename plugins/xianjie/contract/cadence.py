"""Cadence (报送频次): how often a dataset is owed, and at the latest on which day.

Periods are those of the calendar: the night, the ISO week, the month, the quarter, the year. Each has one *due
day* (报送截止日); what arrives in the period, before or after that day, meets it.
"""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass
from typing import Literal

Period = Literal["night", "week", "month", "quarter", "year"]

_DAY = dt.timedelta(days=1)
_WEEKDAYS = "一二三四五六日"
_LONGEST: dict[Period, int] = {"night": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}


@dataclass(frozen=True)
class Cadence:
    """Owed once every `period`: on weekday `day` (1 is Monday) of a week, or on `day` of the period's `month`.

    A day beyond the month's end means its last day.
    """

    period: Period = "night"
    day: int = 1
    month: int = 1

    @property
    def is_nightly(self) -> bool:
        """Owed every night."""
        return self.period == "night"

    @property
    def max_age_days(self) -> int:
        """The longest time between two deliveries that both came in time: older data is stale."""
        first = dt.date(2024, 1, 1)  # a Monday, the first of a month, quarter and year
        return _LONGEST[self.period] + (self._due_in(first) - first).days

    @property
    def text(self) -> str:
        """In Chinese, for departments: 每月 5 日前."""
        return {
            "night": "每晚",
            "week": f"每周{_WEEKDAYS[(self.day - 1) % 7]}前",
            "month": f"每月 {self.day} 日前",
            "quarter": f"每季度第 {self.month} 个月 {self.day} 日前",
            "year": f"每年 {self.month} 月 {self.day} 日前",
        }[self.period]

    def due_day(self, on: dt.date) -> dt.date:
        """The last due day that is not after `on`."""
        start = self._start(on)
        due = self._due_in(start)
        return due if due <= on else self._due_in(self._start(start - _DAY))

    def next_due_day(self, on: dt.date) -> dt.date:
        """The first due day after `on`."""
        start = self._start(on)
        due = self._due_in(start)
        return due if due > on else self._due_in(self._next_start(start))

    def is_due(self, on: dt.date, last_accepted: dt.date | None) -> bool:
        """Whether a delivery is owed on the night of `on`, the newest accepted one being of `last_accepted`.

        True every night for a nightly dataset; else from the due day on until something came in the due
        day's period, and as long as nothing ever came.
        """
        if self.is_nightly or last_accepted is None:
            return True
        return last_accepted < self._start(self.due_day(on))

    def _start(self, on: dt.date) -> dt.date:
        """The first day of the period that holds `on`."""
        match self.period:
            case "night":
                return on
            case "week":
                return on - (on.isoweekday() - 1) * _DAY
            case "month":
                return on.replace(day=1)
            case "quarter":
                return on.replace(month=3 * ((on.month - 1) // 3) + 1, day=1)
            case "year":
                return on.replace(month=1, day=1)

    def _next_start(self, start: dt.date) -> dt.date:
        return self._start(start + _LONGEST[self.period] * _DAY)

    def _due_in(self, start: dt.date) -> dt.date:
        """The due day of the period that begins on `start`."""
        if self.is_nightly:
            return start
        if self.period == "week":
            return start + (self.day - 1) * _DAY
        month = start.month + self.month - 1
        return start.replace(month=month, day=min(self.day, calendar.monthrange(start.year, month)[1]))

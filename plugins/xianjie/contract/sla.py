"""What a contract file promises about time: ``slaProperties`` of the standard, as clock times and a cadence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Literal

from xianjie.contract.cadence import Cadence, Period
from xianjie.contract.model import Model

MEND = '时刻写作 "22:00"；频次的 unit 为 d、w、m、q、y 之一；截止日按周、按月写数字，按季、按年写 "月-日"'
_PERIODS: dict[str, Period] = {"d": "night", "w": "week", "m": "month", "q": "quarter", "y": "year"}
_LAST_DAY: dict[Period, int] = {"week": 7, "month": 31, "quarter": 31, "year": 31}
_LAST_MONTH: dict[Period, int] = {"quarter": 3, "year": 12}


class Property(Model):
    """One service level of a contract file."""

    property: Literal["frequency", "due_day", "arrival_deadline", "cutoff"]
    value: int | str
    unit: str = ""
    description: str = ""


def cadence(promised: Mapping[str, Property]) -> Cadence:
    """``frequency`` and ``due_day``: 1–7 of a week, 1–31 of a month, ``"MM-DD"`` of a quarter or a year.

    Raises:
        ValueError: one of them is missing or does not fit the other, in Chinese.
    """
    if "frequency" not in promised:
        return Cadence()
    period = _PERIODS.get(promised["frequency"].unit)
    if period is None or promised["frequency"].value != 1:
        raise ValueError("frequency 不是每 1 个 d、w、m、q 或 y")
    if period == "night":
        return Cadence()
    if "due_day" not in promised:
        raise ValueError("没有 due_day")
    return Cadence(period, *_day_and_month(period, str(promised["due_day"].value)))


def _day_and_month(period: Period, text: str) -> tuple[int, int]:
    *months, day = [int(part) if part.isdigit() else 0 for part in text.split("-")]
    last_month = _LAST_MONTH.get(period)
    fits = len(months) == (0 if last_month is None else 1)
    if not fits or not 1 <= day <= _LAST_DAY[period] or any(not 1 <= m <= (last_month or 0) for m in months):
        raise ValueError("due_day 与 frequency 不符")
    return day, months[0] if months else 1


def clock(promised: Mapping[str, Property], name: str) -> dt.time:
    """A wall-clock time; ValueError in Chinese when there is none."""
    if name not in promised:
        raise ValueError(f"没有 {name}")
    try:
        return dt.time.fromisoformat(str(promised[name].value))
    except ValueError:
        raise ValueError(f"{name} 不是时刻") from None

"""The scripted nights: which department is late, absent, truncated or repeats itself on which date."""

from __future__ import annotations

import datetime as dt

FIRST_NIGHT = dt.date(2026, 9, 21)
SECOND_NIGHT = dt.date(2026, 9, 22)

#: departments that miss the cutoff of a date: late (they come after it) or absent (they do not come)
ARRIVALS: dict[dt.date, dict[str, str]] = {
    SECOND_NIGHT: {"housing": "late", "rural_revitalisation": "absent"}
}

#: datasets whose content is not what it should be on a date: truncated, or yesterday's once more (identical)
CONTENTS: dict[dt.date, dict[str, str]] = {
    SECOND_NIGHT: {"employment.public_posts": "truncated", "housing.renovation": "identical"}
}
TRUNCATED_SHARE = 0.4


def arrival(day: dt.date, department: str) -> str:
    """How a department comes on a day: on_time, late or absent."""
    return ARRIVALS.get(day, {}).get(department, "on_time")


def content(day: dt.date, dataset: str) -> str:
    """What a dataset's delivery holds on a day: whole, truncated or identical (to the day before)."""
    return CONTENTS.get(day, {}).get(dataset, "whole")

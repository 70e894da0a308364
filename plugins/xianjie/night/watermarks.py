"""Watermarks (水位), one a dataset and business date.

The asset state store keeps a small map from business date to the watermark that date's accepted delivery
reached. A pull for date D starts from the mark of the latest date *before* D, so pulling a date again reads
the same window, and a backfill never moves a later night's mark.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

KEPT_NIGHTS = 60
STORE_KEY = "watermarks"


def before(marks: Mapping[str, str] | None, business_date: dt.date) -> str | None:
    """The mark a pull for `business_date` starts from; None means from the beginning."""
    earlier = [day for day in (marks or {}) if day < business_date.isoformat()]
    return (marks or {})[max(earlier)] if earlier else None


def moved(marks: Mapping[str, str] | None, business_date: dt.date, mark: str) -> dict[str, str]:
    """The map with `business_date` at `mark`; the oldest nights beyond `KEPT_NIGHTS` are dropped."""
    together = {**(marks or {}), business_date.isoformat(): mark}
    return {day: together[day] for day in sorted(together)[-KEPT_NIGHTS:]}

"""Business dates and clocks, always in Asia/Shanghai.

A *business date* (业务日期) is the evening a department's data is pulled for. It is the partition key of every
DAG run and never derived from ``ds`` (a UTC date) or from the wall clock.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from xianjie.errors import BusinessDateError

SHANGHAI = ZoneInfo("Asia/Shanghai")


class _DagRun(Protocol):
    partition_key: str | None
    conf: dict[str, Any] | None


def now() -> dt.datetime:
    """The current moment with the Shanghai zone; for recorded-at stamps and cutoffs only."""
    return dt.datetime.now(tz=SHANGHAI)


def parse_business_date(text: str) -> dt.date:
    """``YYYY-MM-DD`` as a date; raises `BusinessDateError` for anything else."""
    try:
        found = dt.date.fromisoformat(text)
    except (TypeError, ValueError):
        found = None
    if found is None or found.isoformat() != text:  # 20260921 would be another partition key
        raise BusinessDateError("业务日期应为 YYYY-MM-DD", next_command="xianjie night run --date YYYY-MM-DD")
    return found


def business_date_of(dag_run: _DagRun) -> dt.date:
    """The business date of a DAG run: its partition key, else ``conf["business_date"]``."""
    text = dag_run.partition_key or (dag_run.conf or {}).get("business_date")
    if not text:
        raise BusinessDateError(
            "本次运行没有业务日期", next_command="xianjie night run --date YYYY-MM-DD"
        )
    return parse_business_date(text)


def at(day: dt.date, clock: dt.time) -> dt.datetime:
    """A wall-clock time of a business date as an aware moment in Shanghai."""
    return dt.datetime.combine(day, clock, tzinfo=SHANGHAI)

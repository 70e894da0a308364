"""Follows the runs of a business date to their end."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator

from xianjie.night.errors import NightFailedError, SchedulerError
from xianjie.night.scheduler import CHAIN, Run, Scheduler, Task

LAST = CHAIN[-1]
_QUIET = 30.0  # the scheduler starts the next run of a chain within seconds
_STUCK = {"failed", "upstream_failed"}


def follow(
    scheduler: Scheduler,
    business_date: dt.date,
    *,
    earlier: frozenset[str] = frozenset(),
    seconds: float = 3600.0,
    poll: float = 1.0,
    last: str = LAST,
) -> Iterator[list[Run]]:
    """Yields the date's runs, with tasks, again and again until a run of `last` is finished and none is open.

    Args:
        earlier: ids of runs that ended before this night was started; they are left out.

    Raises:
        NightFailedError: the chain stopped, or did not end in time.
    """
    known: dict[str, Run] = {}
    end, quiet_since = time.monotonic() + seconds, time.monotonic()
    while True:
        runs = [run for run in _runs(scheduler, business_date, known) if run.run_id not in earlier]
        yield runs
        is_open = any(not run.is_finished for run in runs)
        if not is_open and any(run.dag_id == last for run in runs):
            return
        quiet_since = time.monotonic() if is_open else quiet_since
        if time.monotonic() - quiet_since > _QUIET or time.monotonic() > end:
            raise NightFailedError(
                f"{business_date} 的运行没有走到 {last}",
                data="已合并的数据完整; 报告未生成",
                next_command=f"xianjie night status --date {business_date}",
            )
        time.sleep(poll)


def failed_tasks(runs: list[Run]) -> list[tuple[Run, Task]]:
    """Every task that failed itself (not for an earlier one's sake)."""
    return [(run, task) for run in runs for task in run.tasks if task.state == "failed"]


def is_sound(runs: list[Run]) -> bool:
    """Whether every run succeeded, with no failed task in it; false when there is none."""
    return bool(runs) and all(run.state == "success" for run in runs) and not failed_tasks(runs)


def _runs(scheduler: Scheduler, business_date: dt.date, known: dict[str, Run]) -> list[Run]:
    try:
        listed = scheduler.runs(business_date)
        for run in listed:
            if run.run_id not in known or not known[run.run_id].is_finished:
                known[run.run_id] = scheduler.with_tasks(run)
    except SchedulerError:
        listed = list(known.values())
    return [known[run.run_id] for run in listed]

"""Kills tasks of a night while they run, and clears each as an operator would, in the background."""

from __future__ import annotations

import datetime as dt
import os
import signal
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

from xianjie.errors import XianjieError
from xianjie.night.scheduler import Run, Scheduler

INTO_ITS_WORK = 0.7  # seconds; it has been started after half a second, and the shortest ends after one and a half
_GONE = {"failed", "up_for_retry"}


class Killer(threading.Thread):
    """Kills each of `targets` (DAG, task) once on the night of `day`, with SIGKILL, then clears it.

    `killed` tells what it came to; a target that ended before it could be killed is not in it.
    """

    def __init__(self, environment_file: Path, day: dt.date, targets: tuple[tuple[str, str], ...]) -> None:
        super().__init__(daemon=True)
        self.environment_file, self.day, self.left = environment_file, day, list(targets)
        self.killed: list[tuple[str, str]] = []
        self.ended = threading.Event()

    def run(self) -> None:
        """Looks ten times a second until all targets are done with or the night is over."""
        scheduler = None
        while self.left and not self.ended.wait(0.1):
            try:
                scheduler = scheduler or _scheduler(self.environment_file)
                for run in scheduler.runs(self.day) if scheduler else ():
                    for target in [each for each in self.left if each[0] == run.dag_id]:
                        self._try(scheduler, run, target)
            except (XianjieError, OSError):
                continue  # the stack is on its way up, or down

    def _try(self, scheduler: Scheduler, run: Run, target: tuple[str, str]) -> None:
        task = _task(scheduler, run, target[1])
        if task["state"] in ("success", "skipped"):
            self.left.remove(target)
        if task["state"] != "running" or not (pid := _process(task["id"])):
            return
        while 0 < _age(pid) <= INTO_ITS_WORK:
            time.sleep(0.02)
        if not _age(pid):
            return
        self.left.remove(target)
        os.kill(pid, signal.SIGKILL)
        end = time.monotonic() + 60
        while _task(scheduler, run, target[1])["state"] not in _GONE:
            if time.monotonic() > end:
                return
            time.sleep(0.3)
        scheduler._call(
            "POST",
            f"/api/v2/dags/{run.dag_id}/clearTaskInstances",
            json={"dry_run": False, "task_ids": [target[1]], "dag_run_id": run.run_id, "only_failed": False},
        )
        self.killed.append(target)


def _scheduler(environment_file: Path) -> Scheduler | None:
    if not environment_file.exists():
        return None
    lines = environment_file.read_text(encoding="utf-8").splitlines()
    found = dict(line.partition("=")[::2] for line in lines)
    names = ("XIANJIE_AIRFLOW_URL", "XIANJIE_AIRFLOW_USER", "XIANJIE_AIRFLOW_PASSWORD")
    return Scheduler(*(found[name] for name in names)) if all(found.get(name) for name in names) else None


def _task(scheduler: Scheduler, run: Run, task_id: str) -> dict[str, Any]:
    path = f"/api/v2/dags/{run.dag_id}/dagRuns/{quote(run.run_id, safe='')}/taskInstances/{task_id}"
    return scheduler._call("GET", path)


def _process(task_instance: str) -> int:
    """The process that runs a task; 0 when there is none (any more)."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                title = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if title.startswith(f"airflow worker -- {task_instance}".encode()):
                return int(entry.name)
    return 0


def _age(pid: int) -> float:
    """Seconds a process has lived; 0 for none."""
    try:
        started = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
        up = float(Path("/proc/uptime").read_text().split()[0])
    except OSError:
        return 0.0
    return up - int(started) / os.sysconf("SC_CLK_TCK") if pid else 0.0

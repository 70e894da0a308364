"""What a bench reads off the machine: seconds on the wall and of CPU, and peak memory.

On a shared machine seconds say little; CPU time hardly depends on the neighbours. Memory is the proportional
share (PSS), so that PostgreSQL's shared buffers count once. Everything is read from ``/proc``.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

_TICKS = os.sysconf("SC_CLK_TCK")
_EVERY_SECONDS = 1.0


@dataclass(frozen=True)
class Spent:
    """Seconds: on the wall, and of CPU in the pipeline's processes and in PostgreSQL's."""

    wall: float = 0.0
    pipeline: float = 0.0
    postgres: float = 0.0

    @property
    def cpu(self) -> float:
        """CPU seconds of both."""
        return self.pipeline + self.postgres

    def __add__(self, other: Spent) -> Spent:
        return Spent(self.wall + other.wall, self.pipeline + other.pipeline, self.postgres + other.postgres)

    def __sub__(self, other: Spent) -> Spent:
        return Spent(self.wall - other.wall, self.pipeline - other.pipeline, self.postgres - other.postgres)

    def __truediv__(self, times: float) -> Spent:
        return Spent(self.wall / times, self.pipeline / times, self.postgres / times)


class Gauges:
    """Reads this process with its children, and a PostgreSQL server by its data folder; peaks in GiB."""

    def __init__(self, postgres_data: Path) -> None:
        self._postmaster = int((postgres_data / "postmaster.pid").read_text().split()[0])
        self.pipeline_peak = 0.0
        self.postgres_peak = 0.0

    def now(self) -> Spent:
        """Seconds spent so far."""
        return Spent(perf_counter(), _cpu(os.getpid()), _cpu(self._postmaster))

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Follows the peaks of memory while the block runs."""
        done = threading.Event()
        watcher = threading.Thread(target=self._watch, args=(done,), daemon=True)
        watcher.start()
        try:
            yield
        finally:
            done.set()
            watcher.join()

    def _watch(self, done: threading.Event) -> None:
        while not done.wait(_EVERY_SECONDS):
            self.pipeline_peak = max(self.pipeline_peak, _gib(os.getpid()))
            self.postgres_peak = max(self.postgres_peak, _gib(self._postmaster))


def _cpu(root: int) -> float:
    """CPU seconds of a process and its descendants, those that ended included."""
    stats = (_read(f"/proc/{pid}/stat").rpartition(")")[2].split() for pid in _family(root))
    return sum(sum(map(int, stat[11:15])) for stat in stats) / _TICKS


def _gib(root: int) -> float:
    """The share of memory of a process and its descendants."""
    lines = (line for pid in _family(root) for line in _read(f"/proc/{pid}/smaps_rollup").splitlines())
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024**2


def _family(root: int) -> list[int]:
    """A process and its descendants; every thread may have started some."""
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        with suppress(OSError):  # it just ended
            for thread in Path(f"/proc/{pid}/task").iterdir():
                waiting += map(int, _read(f"{thread}/children").split())
    return found


def _read(path: str) -> str:
    """A file of ``/proc``; empty when its process just ended."""
    try:
        return Path(path).read_text()
    except OSError:
        return ""

"""Which processes are ours: found by session and start time, never by name.

A session outlives its leader, and its number is not used again while a member lives. A leader with another
start time than the one we kept is a stranger that got the number later.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

_PROC = Path("/proc")
_STATE, _SESSION, _STARTED = 0, 3, 19  # positions in /proc/<pid>/stat after the name


def started(pid: int) -> str:
    """When a process started, in the kernel's ticks since boot; empty when it is not there."""
    fields = _stat(pid)
    return fields[_STARTED] if fields and fields[_STATE] != "Z" else ""


def members(sessions: Mapping[str, str]) -> list[int]:
    """Living processes of our sessions, given as leader to its start time; never this process."""
    if not _PROC.joinpath("self/stat").exists():
        return [pid for pid in map(int, sessions) if _is_alive(pid)]
    living = {pid: fields for pid in _pids() if (fields := _stat(pid)) and fields[_STATE] != "Z"}
    ours = {
        leader
        for leader, start in sessions.items()
        if int(leader) not in living or living[int(leader)][_STARTED] == start
    }
    return [pid for pid, fields in living.items() if fields[_SESSION] in ours and pid != os.getpid()]


def _pids() -> list[int]:
    return [int(folder.name) for folder in _PROC.glob("[0-9]*")]


def _stat(pid: int) -> list[str]:
    try:
        return (_PROC / str(pid) / "stat").read_text(errors="replace").rsplit(")", 1)[1].split()
    except (OSError, IndexError):
        return []


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True

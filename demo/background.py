"""The demo's stack in the background: start it detached, find it again, stop it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import replace
from typing import Any

from rich.console import Console

from demo import links, stack, state
from demo.processes import started
from demo.site import Site, secret, site
from xianjie.night.errors import SchedulerError
from xianjie.settings import REPOSITORY

_PATIENCE = 240.0


def up(console: Console, people: int | None = None) -> dict[str, Any]:
    """Starts the stack detached, unless it is up; returns its address and the administrator's password."""
    place = site()
    if not place.state().is_ready or not _is_held(place):
        place.prepare()
        log = place.logs / "stack.log"
        command = [sys.executable, "-m", "demo.stack", *(["--people", str(people)] if people else [])]
        with log.open("wb") as output:
            holder = subprocess.Popen(
                command,
                cwd=REPOSITORY,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        console.print(f"· 启动中, 日志 {log}", highlight=False)
        _wait(place, holder)
    return _address(place)


def down() -> None:
    """Stops the stack, whoever started it."""
    stack.halt(site())


def clean() -> None:
    """Stops the stack and removes everything the demo made."""
    down()
    site().wipe()


def status() -> dict[str, Any]:
    """Whether the stack is up, where, and which nights it holds."""
    place = site()
    is_up = place.state().is_ready and _is_held(place)
    return {"is_up": is_up, **(_address(place) if is_up else {}), "nights": list(place.state().nights)}


def connections(host: str) -> dict[str, Any]:
    """The departments' connections by id, with the departments at `host`."""
    found = links.connections(replace(state.servers(), host=host))
    return {name.removeprefix("AIRFLOW_CONN_").lower(): json.loads(form) for name, form in found.items()}


def _is_held(place: Site) -> bool:
    kept = place.state()
    return bool(kept.supervisor) and started(kept.supervisor) == kept.supervisor_started


def _wait(place: Site, holder: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _PATIENCE
    while not (place.state().is_ready and place.state().supervisor == holder.pid):
        if holder.poll() is not None or time.monotonic() > end:
            raise SchedulerError("演示环境没有起来", next_command=f"tail -50 {place.logs / 'stack.log'}")
        time.sleep(0.3)


def _address(place: Site) -> dict[str, Any]:
    address = f"http://127.0.0.1:{place.state().api_port}"
    return {
        "airflow": address,
        "board": f"{address}/xianjie/",
        "user": "admin",
        "password": secret(place, "airflow_admin", 6),
    }

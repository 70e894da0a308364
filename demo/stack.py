"""The whole stack on one machine: PostgreSQL, the departments' servers, Airflow; all on the loopback.

What `running` started it stops, also after an exception or a signal. Every component leads a session of its
own, and the sessions are kept in the state; so a stop, now or after a crash, finds exactly its own processes
(Airflow's tasks leave the process group, but not the session).
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from types import FrameType

from demo.processes import members, started
from demo.site import Site, State, airflow_environment, free_port, secret, site, xianjie_environment
from xianjie.commands.at_hand import BORROWED
from xianjie.database import embedded, migrate
from xianjie.night.errors import SchedulerError
from xianjie.night.pools import pools
from xianjie.night.scheduler import CHAIN, Scheduler
from xianjie.settings import REPOSITORY, settings

Say = Callable[[str], None]
_PATIENCE = 120.0
COMPONENTS = {
    "departments": ["-m", "demo", "serve"],
    "api-server": ["-m", "airflow", "api-server"],
    "dag-processor": ["-m", "airflow", "dag-processor"],
    "scheduler": ["-m", "airflow", "scheduler", "--skip-serve-logs"],
    "triggerer": ["-m", "airflow", "triggerer", "--skip-serve-logs"],
}


class Stack:
    """The processes of one demo, and how to reach them."""

    def __init__(self, place: Site, say: Say) -> None:
        self.place = place
        self.say = say
        self.state = place.state()
        self.environment: dict[str, str] = {}
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def scheduler(self) -> Scheduler:
        """Airflow's API, signed in as the demo's administrator."""
        return Scheduler(
            f"http://127.0.0.1:{self.state.api_port}", "admin", secret(self.place, "airflow_admin", 6)
        )

    def start(self, people: int | None = None) -> None:
        """Brings everything up; returns once a run can be triggered."""
        place = self.place
        place.prepare()
        self.say("启动内置 PostgreSQL")
        server = embedded.start(place.postgres, free_port(self.state.postgres_port))
        self.state = place.keep(
            self.state,
            supervisor=os.getpid(),
            supervisor_started=started(os.getpid()),
            sessions={},
            is_ready=False,
            api_port=free_port(self.state.api_port or 8080),
            postgres_port=server.port,
            people=people or self.state.people,
        )
        self._write_environment(server)
        with ThreadPoolExecutor(3) as pool:
            waiting = [
                pool.submit(self._migrate_airflow),
                pool.submit(migrate.upgrade, settings().require_warehouse_url()),
            ]
            if not self.state.populated:
                waiting.append(pool.submit(self._populate))
            for job in waiting:
                job.result()
        self.state = place.keep(
            self.state, airflow_version=version("apache-airflow"), populated=self.state.people
        )
        self.say("启动演示部门的服务器与 Airflow")
        for name in COMPONENTS:
            self._launch(name)
        self._wait_for_scheduler()
        self.state = place.keep(self.state, is_ready=True)

    def stop(self) -> None:
        """Stops what runs, processes first, database last."""
        halt(self.place)
        for process in self._processes.values():
            process.wait()

    def dead(self) -> str | None:
        """The name of a component that has ended, if one has."""
        return next((name for name, process in self._processes.items() if process.poll() is not None), None)

    def _write_environment(self, server: embedded.Server) -> None:
        place, state = self.place, self.state
        urls = {
            name: embedded.create_database(
                server, name, owner, secret(place, f"postgres_{owner}", 12), create_role=is_ours
            )
            for name, owner, is_ours in (("warehouse", "xianjie", True), ("airflow", "airflow", False))
        }
        from demo import connections

        own = xianjie_environment(place, state, urls["warehouse"])
        own |= connections(place, state)
        place.environment_file.touch(mode=0o600)
        place.environment_file.write_text(
            "".join(f"{name}={text}\n" for name, text in own.items()), encoding="utf-8"
        )
        os.environ.update(own)
        settings.cache_clear()
        inherited = {
            name: text
            for name, text in os.environ.items()
            if not name.startswith(("AIRFLOW_", "XIANJIE_", "PYTHON"))
        }
        self.environment = {
            **inherited,
            **own,
            **airflow_environment(place, state, urls["airflow"]),
            "PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}",
            "PYTHONPATH": f"{REPOSITORY}:{REPOSITORY / 'plugins'}",
            "PYTHONUNBUFFERED": "1",
            "NO_PROXY": "127.0.0.1,localhost",
            "no_proxy": "127.0.0.1,localhost",
            "GX_ANALYTICS_ENABLED": "false",
        }

    def _migrate_airflow(self) -> None:
        if self.state.airflow_version == version("apache-airflow"):
            return
        self.say("建立 Airflow 元数据库")
        self.run_to_end("airflow-migrate", ["-m", "airflow", "db", "migrate"])

    def _populate(self) -> None:
        self.say(f"生成演示县人口 {self.state.people:,} 人")
        self.run_to_end("population", ["-m", "demo", "population", "--people", str(self.state.people)])

    def run_to_end(self, name: str, arguments: list[str]) -> None:
        """Runs Python with `arguments` in the stack's environment; its output goes to a log of that name.

        Raises:
            SchedulerError: it ended badly; the message names the log.
        """
        with (self.place.logs / f"{name}.log").open("wb") as log:
            done = subprocess.run(
                [sys.executable, *arguments],
                cwd=REPOSITORY,
                env=self.environment or None,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                check=False,
            )
        if done.returncode:
            raise SchedulerError(f"{name} 失败", next_command=f"tail -50 {self.place.logs / name}.log")

    def _launch(self, name: str) -> None:
        with (self.place.logs / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, *COMPONENTS[name]],
                cwd=REPOSITORY,
                env=self.environment or None,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._processes[name] = process
        sessions = {**self.state.sessions, str(process.pid): started(process.pid)}
        self.state = self.place.keep(self.state, sessions=sessions)

    def _wait_for_scheduler(self) -> None:
        end = time.monotonic() + _PATIENCE
        while not (self.scheduler.answers() and self.scheduler.is_up()):
            if (name := self.dead()) or time.monotonic() > end:
                raise SchedulerError(
                    f"{name or 'Airflow'} 没有起来",
                    next_command=f"tail -50 {self.place.logs / (name or 'scheduler')}.log",
                )
            time.sleep(0.3)
        self.scheduler.set_pools(pools())
        self.scheduler.wait_for_dags([*(f"intake_{d}" for d in departments()), *CHAIN, "returns"])


def departments() -> list[str]:
    """The departments that have contracts."""
    from xianjie.contract.catalogue import catalogue

    return list(catalogue().by_department())


@contextmanager
def running(say: Say, people: int | None = None, *, is_fresh: bool) -> Iterator[Stack]:
    """A stack for the length of a block; `is_fresh` stops and wipes what an earlier one left."""
    place = site()
    halt(place)
    if is_fresh:
        place.wipe()
    stack = Stack(place, say)
    with _signals_as_exit():
        try:
            stack.start(people)
            yield stack
        finally:
            stack.stop()


def halt(place: Site) -> None:
    """Stops a stack, whoever started it and however it ended; nothing happens when none runs."""
    state = place.state()
    _end_supervisor(state)
    _end_processes(state)
    if state.supervisor:
        place.keep(place.state(), supervisor=0, sessions={}, is_ready=False)
    if place.postgres.exists():
        embedded.stop(place.postgres)
        (place.postgres.parent / BORROWED).unlink(missing_ok=True)


def _end_supervisor(state: State) -> None:
    if state.supervisor in (0, os.getpid()) or started(state.supervisor) != state.supervisor_started:
        return
    _signal(state.supervisor, signal.SIGTERM)
    _wait_until(lambda: started(state.supervisor) != state.supervisor_started, 30)


def _end_processes(state: State) -> None:
    for number, seconds in ((signal.SIGTERM, 4.0), (signal.SIGKILL, 5.0)):
        if not (pids := members(state.sessions)):
            return
        for pid in pids:
            _signal(pid, number)
        _wait_until(lambda: not members(state.sessions), seconds)


def _signal(pid: int, number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


def _wait_until(is_done: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not is_done() and time.monotonic() < end:
        time.sleep(0.1)


@contextmanager
def _signals_as_exit() -> Iterator[None]:
    def leave(number: int, _: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        sys.exit(128 + number)

    before = {number: signal.signal(number, leave) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def hold(say: Say, people: int | None = None) -> None:
    """Keeps a stack up until a signal comes or a component ends; the body of ``demo up``."""
    with running(say, people, is_fresh=False) as stack:
        while (name := stack.dead()) is None:
            time.sleep(1)
        raise SchedulerError(f"{name} 意外结束", next_command=f"tail -50 {stack.place.logs / name}.log")


if __name__ == "__main__":
    options = argparse.ArgumentParser(description="Keep the demo's stack up until a signal comes.")
    options.add_argument("--people", type=int)
    hold(lambda text: print(text, flush=True), options.parse_args().people)

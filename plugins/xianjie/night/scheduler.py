"""Starts and follows nights through Airflow's REST API.

The API is the only way to start a run with a partition key. Errors carry the address and the status, never a
response body.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

import httpx

from xianjie.night.errors import SchedulerError
from xianjie.settings import Settings

FINISHED = frozenset({"success", "failed"})
CHAIN = ("warehouse", "monitoring", "accountability")


@dataclass(frozen=True)
class Task:
    """A task instance: its state, and how long it ran in seconds."""

    task_id: str
    title: str
    state: str | None
    try_number: int
    seconds: float | None


@dataclass(frozen=True)
class Run:
    """A DAG run of one business date, with its tasks when they were asked for."""

    dag_id: str
    run_id: str
    state: str
    started: str | None
    ended: str | None
    tasks: tuple[Task, ...] = ()

    @property
    def is_finished(self) -> bool:
        """Whether the run has come to its end, good or bad."""
        return self.state in FINISHED


@dataclass
class Scheduler:
    """One Airflow installation, as a signed-in user."""

    url: str
    user: str
    password: str = field(repr=False)
    _client: httpx.Client | None = field(default=None, repr=False)
    _token: str | None = field(default=None, repr=False)

    @classmethod
    def from_settings(cls, conf: Settings) -> Scheduler | None:
        """The installation the settings name, or None when they name none."""
        if not conf.airflow_url or conf.airflow_password is None:
            return None
        return cls(conf.airflow_url, conf.airflow_user, conf.airflow_password.get_secret_value())

    def is_up(self) -> bool:
        """Whether the API server answers and says that scheduler and database are healthy."""
        try:
            answer = self._http().get("/api/v2/monitor/health", timeout=5)
            health = answer.json()
        except (httpx.HTTPError, ValueError):
            return False
        return all(
            (health.get(part) or {}).get("status") == "healthy" for part in ("metadatabase", "scheduler")
        )

    def answers(self) -> bool:
        """Whether the API server answers at all."""
        try:
            return self._http().get("/api/v2/version", timeout=5).is_success
        except httpx.HTTPError:
            return False

    def wait_for_dags(self, dag_ids: Iterable[str], seconds: float = 120) -> None:
        """Waits until every DAG is parsed and unpaused; a run triggered earlier never starts."""
        missing, end = set(dag_ids), time.monotonic() + seconds
        while missing := {dag_id for dag_id in missing if not self._is_ready(dag_id)}:
            broken = self._call("GET", "/api/v2/importErrors")["import_errors"]
            if broken or time.monotonic() > end:
                files = ", ".join(sorted(error["filename"] for error in broken)) or "无"
                raise SchedulerError(
                    f"调度器没有读到这些 DAG: {', '.join(sorted(missing))}; 不能解析的文件: {files}",
                    next_command="make test TESTS=tests/dags",
                )
            time.sleep(0.5)

    def trigger(self, dag_id: str, business_date: dt.date, conf: dict[str, Any] | None = None) -> str:
        """Starts a run for a business date and returns its id."""
        body = {"logical_date": None, "partition_key": business_date.isoformat(), "conf": conf or {}}
        return str(self._call("POST", f"/api/v2/dags/{dag_id}/dagRuns", json=body)["dag_run_id"])

    def runs(self, business_date: dt.date) -> list[Run]:
        """All runs of a business date, oldest first, without their tasks."""
        query = {
            "partition_key_prefix_pattern": business_date.isoformat(),
            "order_by": "run_after",
            "limit": "100",
        }
        found = self._call("GET", "/api/v2/dags/~/dagRuns", params=query)["dag_runs"]
        return [
            Run(item["dag_id"], item["dag_run_id"], item["state"], item["start_date"], item["end_date"])
            for item in found
        ]

    def with_tasks(self, run: Run) -> Run:
        """The run with its task instances."""
        found = self._call("GET", _path(run), params={"limit": "100"})["task_instances"]
        tasks = (
            Task(t["task_id"], t["task_display_name"], t["state"], t["try_number"], t["duration"])
            for t in found
        )
        return replace(run, tasks=tuple(tasks))

    def is_open(self, dag_id: str, run_id: str) -> bool:
        """Whether there is such a run and it has not ended."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{quote(run_id, safe='')}"
        try:
            answer = self._http().get(path, headers=self._headers())
        except httpx.HTTPError:
            return False
        return answer.is_success and answer.json()["state"] not in FINISHED

    def answer(self, dag_id: str, run_id: str, task_id: str, option: str, given: dict[str, Any]) -> bool:
        """Answers a task that waits for a person; false when it does not wait (yet).

        Airflow 3.3 takes an answer between a question's writing and its parking too, but may then count the
        parked try as lost and ask again: such a question is not answered. For a moment after its parking the
        same may happen (apache/airflow#71579), and nothing tells.
        """
        task = f"/api/v2/dags/{dag_id}/dagRuns/{quote(run_id, safe='')}/taskInstances/{task_id}"
        body = {"chosen_options": [option], "params_input": given}
        try:
            found = self._http().get(task, headers=self._headers())
            if not found.is_success or found.json()["state"] != "awaiting_input":
                return False
            path = f"{task}/-1/hitlDetails"
            return self._http().patch(path, headers=self._headers(), json=body).is_success
        except httpx.HTTPError:
            return False

    def log(self, run: Run, task: Task) -> str:
        """The text of a task's last try; may hold anything, so redact before showing."""
        path = f"{_path(run)}/{task.task_id}/logs/{task.try_number}"
        content = self._call("GET", path, params={"full_content": "true"}).get("content") or []
        return "\n".join(_line(entry) for entry in content)

    def set_pools(self, pools: Iterable[dict[str, Any]]) -> None:
        """Creates or updates pools; each is ``{"name", "slots", "description"}``."""
        entities = [{**pool, "include_deferred": False} for pool in pools]
        action = {"action": "create", "action_on_existence": "overwrite", "entities": entities}
        self._call("PATCH", "/api/v2/pools", json={"actions": [action]})

    def _is_ready(self, dag_id: str) -> bool:
        answer = self._http().get(f"/api/v2/dags/{dag_id}", headers=self._headers())
        return answer.is_success and not answer.json()["is_paused"]

    def _call(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        try:
            answer = self._http().request(method, path, headers=self._headers(), **more)
        except httpx.HTTPError:
            raise SchedulerError(f"连不上调度器 {self.url}", next_command="xianjie demo status") from None
        if not answer.is_success:
            raise SchedulerError(
                f"调度器拒绝了请求 ({answer.status_code} {path})", next_command="xianjie night status"
            )
        return dict(answer.json())

    def _http(self) -> httpx.Client:
        if self._client is None:
            self._client = httpx.Client(base_url=self.url.rstrip("/"), timeout=30, trust_env=False)
        return self._client

    def _headers(self) -> dict[str, str]:
        if self._token is None:
            try:
                answer = self._http().post(
                    "/auth/token", json={"username": self.user, "password": self.password}
                )
            except httpx.HTTPError:
                raise SchedulerError(f"连不上调度器 {self.url}", next_command="xianjie demo status") from None
            if not answer.is_success:
                raise SchedulerError("调度器不接受该用户名或密码", next_command="xianjie settings")
            self._token = str(answer.json()["access_token"])
        return {"Authorization": f"Bearer {self._token}"}


def _path(run: Run) -> str:
    return f"/api/v2/dags/{run.dag_id}/dagRuns/{quote(run.run_id, safe='')}/taskInstances"


def _line(entry: object) -> str:
    """A log entry as text, with the kind and the message of an exception."""
    if not isinstance(entry, dict):
        return str(entry)
    raised = entry.get("error_detail") or ()
    errors = [f"{error.get('exc_type')}: {error.get('exc_value')}" for error in raised]
    return "\n".join([str(entry.get("event", "")), *errors])

"""A real Airflow API server with our plugin, on a warehouse with one night."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from xianjie.database.engine import Role, transaction

PLUGINS = Path(__file__).resolve().parents[2] / "plugins"
DAY = "2026-09-22"
USERS = {"admin": "admin", "viewer": "viewer"}


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture(scope="module")
def night(warehouse_url: str, module_home: Path) -> Path:
    """Housing came, the rest did not; one pack and one page of Data Docs lie where they belong."""
    statement = text("""
        insert into ops.conclusion
        (county_code, department, dataset, business_date, outcome, reason, concluded_at)
        values ('639900', :department, :dataset, :day, :outcome, :reason, now())
    """)
    rows = [
        ("housing", "house_safety", "empty", None),
        ("education", "enrolment", "absent", "<b>没有收到</b>"),
    ]
    with transaction(Role.PIPELINE) as connection:
        for department, dataset, outcome, reason in rows:
            connection.execute(
                statement,
                {
                    "department": department,
                    "dataset": dataset,
                    "day": DAY,
                    "outcome": outcome,
                    "reason": reason,
                },
            )
    pack = module_home / "out" / DAY / "housing"
    pack.mkdir(parents=True)
    (pack / "index.html").write_text("<p>报告</p>", encoding="utf-8")
    (module_home / "out" / DAY / ".housing-half").write_text("aside")
    docs = module_home / "data_docs" / DAY / "housing" / "house_safety"
    docs.mkdir(parents=True)
    (docs / "index.html").write_text("<p>检查报告</p>", encoding="utf-8")
    (module_home / "secret.txt").write_text("not for anybody")
    return module_home


@pytest.fixture(scope="module")
def server(night: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running API server."""
    home, port = tmp_path_factory.mktemp("airflow"), free_port()
    passwords = home / "passwords.json"
    passwords.write_text(json.dumps(USERS))
    url = f"http://127.0.0.1:{port}"
    env = os.environ | {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(PLUGINS),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(home / "dags"),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(f"{name}:{name}" for name in USERS),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
        "AIRFLOW__API__BASE_URL": url,
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(32),
    }
    (home / "dags").mkdir()
    with (home / "log").open("w") as log:
        airflow = [sys.executable, "-m", "airflow"]
        subprocess.run([*airflow, "db", "migrate"], env=env, stdout=log, stderr=log, check=True)
        command = [*airflow, "api-server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
        process = subprocess.Popen(command, env=env, stdout=log, stderr=log, start_new_session=True)
    try:
        _wait(url, process)
        yield url
    finally:
        os.killpg(process.pid, 15)
        process.wait(30)


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(240):
        assert process.poll() is None, "the API server ended"
        try:
            if httpx.get(f"{url}/api/v2/version").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.5)
    raise AssertionError("the API server did not come up")


@pytest.fixture(scope="module")
def token(server: str) -> Callable[[str], str]:
    """Logs a user in and returns the bearer token."""
    known: dict[str, str] = {}

    def log_in(user: str) -> str:
        if user not in known:
            answer = httpx.post(f"{server}/auth/token", json={"username": user, "password": user})
            known[user] = str(answer.json()["access_token"])
        return known[user]

    return log_in


@pytest.fixture
def visit(server: str, token: Callable[[str], str]) -> Callable[..., httpx.Response]:
    """Asks for an address below /xianjie as a user (None: nobody), as a program or as a browser."""

    def ask(
        path: str, user: str | None = "viewer", *, method: str = "GET", browser: bool = False, **more: Any
    ) -> httpx.Response:
        headers = {"accept": "text/html" if browser else "application/json", **more.pop("headers", {})}
        cookies = {}
        if user and browser:
            cookies["_token"] = token(user)
        elif user:
            headers["authorization"] = f"Bearer {token(user)}"
        with httpx.Client(base_url=server, cookies=cookies, timeout=60) as client:
            return client.request(method, f"/xianjie{path}", headers=headers, **more)

    return ask

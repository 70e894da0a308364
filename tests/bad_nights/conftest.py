"""A county after its first load, and the servers that turn us away."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from aiosmtpd.controller import Controller
from small_county import FIRST, HOUSES, County, Sink, csv_file, folder_source, include_with, put, rows_of

from demo.departments import drops as sftp
from demo.departments import education
from demo.links import connections
from demo.population import build
from demo.site import free_port
from demo.state import Servers, servers
from xianjie.contract.catalogue import catalogue
from xianjie.settings import settings

PEOPLE = 900


@pytest.fixture(scope="module")
def county(
    warehouse_url: str, module_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[County]:
    """Every dataset from a folder, after a first night on which all of them came."""
    root = tmp_path_factory.mktemp("county")
    drops = root / "drops"
    sources = {contract.id: folder_source(drops, contract.id, "csv") for contract in catalogue().active()}
    sources[HOUSES] = folder_source(drops, HOUSES, "xlsx", header_row=3, sheet="first")
    made = County(root, drops, include_with(root / "include", sources))
    base = build(root / "people", PEOPLE).base
    with pytest.MonkeyPatch.context() as patch, mail_server(made.sink) as port:
        patch.setenv("XIANJIE_INCLUDE_DIR", str(made.include))
        settings.cache_clear()
        patch.setenv("AIRFLOW_HOME", str(root / "airflow"))
        patch.setenv("AIRFLOW_CONN_XIANJIE_SMTP", json.dumps(_smtp(port)))
        for name in sources:
            made.labels[name], made.rows[name] = rows_of(base, name)
            put(drops, FIRST, f"{name}.csv", csv_file(made.labels[name], made.rows[name]))
        made.first = made.houses()
        put(drops, FIRST, f"{HOUSES}.xlsx", made.first)
        done = made.night(FIRST)
        assert [step for step in done.values() if step["error"]] == []
        yield made
    settings.cache_clear()


def _smtp(port: int) -> dict[str, Any]:
    extra = {"disable_ssl": True, "disable_tls": True, "timeout": 10}
    return {"conn_type": "smtp", "host": "127.0.0.1", "port": port, "extra": extra}


@contextmanager
def mail_server(sink: Sink) -> Iterator[int]:
    """A mail server's port."""
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    controller = Controller(sink, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield controller.port
    controller.stop()


@pytest.fixture(scope="module")
def departments(county: County) -> Iterator[Servers]:
    """The demo's SFTP server and API; the connections we hold for them have wrong passwords."""
    place = servers(civil_url="postgresql://nobody@127.0.0.1:1/none")
    place.education.mkdir(parents=True, exist_ok=True)
    with pytest.MonkeyPatch.context() as patch, running(lambda: sftp.listen(place)), api_server(place):
        for name, value in connections(place).items():
            if not re.search("XIANJIE|RETURNS", name):  # mail and exchange are ours, not a department's
                patch.setenv(name, json.dumps(json.loads(value) | {"password": "wrong-pass-word"}))
        yield place


@contextmanager
def running(start: Callable[[], Awaitable[object]]) -> Iterator[None]:
    """An asyncio server in a thread of its own."""
    loop, ready = asyncio.new_event_loop(), threading.Event()

    def run() -> None:
        loop.run_until_complete(start())  # type: ignore[arg-type]
        ready.set()
        loop.run_forever()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(15)
    yield
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)


@contextmanager
def api_server(place: Servers) -> Iterator[None]:
    """The education bureau's API on its port."""
    application = education.application(place.education, place.education_token)
    server = uvicorn.Server(
        uvicorn.Config(application, host=place.host, port=place.education_port, log_level="error")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        threading.Event().wait(0.02)
    yield
    server.should_exit = True
    thread.join(10)

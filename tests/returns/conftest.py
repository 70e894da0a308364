"""Each test has a county of its own in the module's database; the exchange is a real SFTP server."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import asyncssh
import pytest
from returns_helpers import Office

from xianjie.settings import settings

SECRET = "exchange-only"
CONNECTION = "AIRFLOW_CONN_RETURNS_SFTP"
_counties = (f"6399{n:02d}" for n in itertools.cycle(range(1, 60)))


@pytest.fixture
def office(warehouse_url: str, tmp_path: Path) -> Iterator[Office]:
    """An office that hands workbooks in, in a county nobody else is in."""
    before = os.environ["XIANJIE_COUNTY_CODE"]
    os.environ["XIANJIE_COUNTY_CODE"] = next(_counties)
    settings.cache_clear()
    yield Office(tmp_path)
    os.environ["XIANJIE_COUNTY_CODE"] = before
    settings.cache_clear()


@pytest.fixture(scope="module", autouse=True)
def _airflow_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Airflow reads its connections from the environment here; nothing of it is kept."""
    before = dict(os.environ)
    os.environ["AIRFLOW_HOME"] = str(tmp_path_factory.mktemp("airflow"))
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def exchange(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The root of an SFTP server that the connection ``returns_sftp`` leads to."""
    root = tmp_path / "exchange"
    root.mkdir()
    key, port = asyncssh.generate_private_key("ssh-ed25519"), _free_port()
    loop, listening = asyncio.new_event_loop(), threading.Event()

    async def listen() -> None:
        await asyncssh.listen(
            "127.0.0.1",
            port,
            server_factory=_Server,
            server_host_keys=[key],
            sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=str(root).encode()),
        )
        listening.set()

    def run() -> None:
        loop.run_until_complete(listen())
        loop.run_forever()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert listening.wait(10)
    form = {
        "conn_type": "sftp",
        "host": "127.0.0.1",
        "port": port,
        "login": "exchange",
        "password": SECRET,
        "extra": {"host_key": " ".join(key.export_public_key().decode().split()[:2])},
    }
    monkeypatch.setenv(CONNECTION, json.dumps(form))
    yield root
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)


class _Server(asyncssh.SSHServer):
    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == ("exchange", SECRET)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

"""Real servers: a PostgreSQL of the bureau's own, MariaDB, an HTTP API, SFTP."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncssh
import psycopg
import pymysql
import pytest
import uvicorn
from fake_api import Api
from intake_helpers import SECRET, set_connection
from psycopg import sql

from xianjie.database import embedded


@pytest.fixture(scope="module", autouse=True)
def _airflow_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Airflow reads its connections from the environment here; nothing of it is kept."""
    before = dict(os.environ)
    os.environ["AIRFLOW_HOME"] = str(tmp_path_factory.mktemp("airflow"))
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def box(tmp_path: Path) -> Path:
    """The folder of a department's files; whoever puts the first one in makes it."""
    return tmp_path / "box"


@pytest.fixture(scope="module")
def bureau(postgres: embedded.Server) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """The bureau's own database; the connection ``bureau_db`` may only read its table ``people``."""
    name = f"bureau_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(postgres.dsn(), autocommit=True) as admin:
        admin.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        admin.execute(
            sql.SQL("create role {} login password {}").format(sql.Identifier(name), sql.Literal(SECRET))
        )
    url = postgres.url(name, name, SECRET)
    port = int(url.rsplit(":", 1)[1].split("/")[0])
    set_connection(
        "bureau_db",
        conn_type="postgres",
        host="127.0.0.1",
        port=port,
        schema=name,
        login=name,
        password=SECRET,
    )
    with psycopg.connect(postgres.dsn(), dbname=name, autocommit=True) as owner:
        owner.execute("""
            create table people (id_number text, name text, school text, grade int, born date,
                paid numeric(8, 2),
                is_deleted boolean default false, updated_at timestamptz)
        """)
        owner.execute("create table hidden (id_number text)")
        owner.execute(sql.SQL("grant select on people to {}").format(sql.Identifier(name)))
        yield owner


@pytest.fixture(scope="module")
def maria() -> Iterator[pymysql.connections.Connection]:
    """A MariaDB server on a data folder of its own; the connection ``maria_db`` may only read ``people``."""
    binary = shutil.which("mariadbd") or shutil.which("mysqld")
    installer = shutil.which("mariadb-install-db") or shutil.which("mysql_install_db")
    if not binary or not installer:
        if os.environ.get("CI"):
            pytest.fail("CI has to have a MariaDB server")
        pytest.skip("no mariadbd on this machine")
    root = Path(tempfile.mkdtemp(prefix="xianjie-maria-", dir="/var/tmp"))
    port, user = free_port(), "nobody" if os.geteuid() == 0 else os.environ.get("USER", "nobody")
    if os.geteuid() == 0:
        shutil.chown(root, "nobody")
    common = ["--no-defaults", f"--datadir={root / 'data'}", f"--user={user}"]
    subprocess.run(
        [installer, *common, "--auth-root-authentication-method=normal"], check=True, capture_output=True
    )
    listening = [
        "--bind-address=127.0.0.1",
        f"--port={port}",
        f"--socket={root / 's'}",
        f"--pid-file={root / 'pid'}",
    ]
    server = subprocess.Popen(
        [binary, *common, *listening], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        owner = wait_for_maria(root / "s")
        with owner.cursor() as cursor:
            cursor.execute("create database bureau character set utf8mb4")
            cursor.execute(f"create user reader@'%' identified by '{SECRET}'")
            cursor.execute("create user reader@localhost identified by %s", (SECRET,))
            cursor.execute("use bureau")
            cursor.execute(
                "create table people (id_number varchar(22), name varchar(50), school varchar(50), "
                "grade int, "
                "is_deleted tinyint default 0, updated_at datetime(3))"
            )
            for host in ("'%'", "localhost"):
                cursor.execute(f"grant select on bureau.people to reader@{host}")
        set_connection(
            "maria_db",
            conn_type="mysql",
            host="127.0.0.1",
            port=port,
            schema="bureau",
            login="reader",
            password=SECRET,
        )
        yield owner
    finally:
        server.terminate()
        server.wait(30)
        shutil.rmtree(root, ignore_errors=True)


def wait_for_maria(path: Path) -> pymysql.connections.Connection:
    for _ in range(300):
        try:
            return pymysql.connect(unix_socket=str(path), user="root", autocommit=True, charset="utf8mb4")
        except pymysql.Error:
            time.sleep(0.1)
    raise TimeoutError("MariaDB did not start")


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    """A paginated API over real HTTP; the connection ``bureau_api`` holds its token."""
    port, api = free_port(), Api(token=SECRET)
    server = uvicorn.Server(uvicorn.Config(api.application(), host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    set_connection(
        "bureau_api", conn_type="http", schema="http", host="127.0.0.1", port=port, password=SECRET
    )
    yield api
    server.should_exit = True
    thread.join(10)


@dataclass
class Drop:
    """An SFTP server's folder, and what is needed to reach it."""

    root: Path
    port: int
    host_key: str


@pytest.fixture(scope="module")
def drop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drop]:
    """A chrooted SFTP server; the connection ``bureau_sftp`` knows its host key and password."""
    root = tmp_path_factory.mktemp("drop")
    key = asyncssh.generate_private_key("ssh-ed25519")
    drop = Drop(root, free_port(), key.export_public_key().decode().strip())
    loop = asyncio.new_event_loop()
    listening = threading.Event()

    async def listen() -> None:
        await asyncssh.listen(
            "127.0.0.1",
            drop.port,
            server_factory=PasswordServer,
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
    set_connection(
        "bureau_sftp", conn_type="sftp", host="127.0.0.1", port=drop.port, login="bureau", password=SECRET,
        extra={"host_key": " ".join(drop.host_key.split()[:2])},
    )  # fmt: skip
    yield drop
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)


class PasswordServer(asyncssh.SSHServer):
    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == ("bureau", SECRET)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

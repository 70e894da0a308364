"""Makes a command work in any shell: the demo's settings, and its PostgreSQL while the command needs it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from xianjie.settings import REPOSITORY, settings

_WAREHOUSE, _ROOT = "XIANJIE_WAREHOUSE_URL", "XIANJIE_EMBEDDED_ROOT"
BORROWED = "started-by-a-command"
from_demo: set[str] = set()


def environment_file() -> Path:
    """Where a demo keeps its settings."""
    return Path(os.environ.get("XIANJIE_HOME") or REPOSITORY / ".xianjie") / "secrets" / "demo.env"


def load_demo_environment() -> None:
    """Fills in the demo's settings when no warehouse is named; what the environment says always wins."""
    path = environment_file()
    if _WAREHOUSE in os.environ or not os.access(path, os.R_OK):
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        name, _, text = line.partition("=")
        if name not in os.environ:
            os.environ[name] = text
            from_demo.add(name)
    settings.cache_clear()


@contextmanager
def warehouse() -> Iterator[None]:
    """The demo's PostgreSQL is up inside the block; any other warehouse is left alone.

    The last of several commands at once stops the server, unless it was up before them.
    """
    if _ROOT not in from_demo or settings().warehouse_url is None:
        yield
        return
    root = Path(os.environ[_ROOT])
    root.parent.mkdir(parents=True, exist_ok=True)
    with (root.parent / "commands").open("a+") as users:
        with _alone(root):
            fcntl.flock(users, fcntl.LOCK_SH)
            _start_if_down(root)
        try:
            yield
        finally:
            with _alone(root):
                _stop_if_last(users.fileno(), root)


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """No other command starts or stops the server inside the block."""
    with (root.parent / "starting").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _start_if_down(root: Path) -> None:
    from xianjie.database import embedded

    if not embedded.is_running(root):
        embedded.start(root, urlsplit(settings().require_warehouse_url()).port)
        (root.parent / BORROWED).touch()


def _stop_if_last(users: int, root: Path) -> None:
    from xianjie.database import embedded

    mark = root.parent / BORROWED
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    if mark.exists():
        mark.unlink()
        embedded.stop(root)

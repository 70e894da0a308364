"""A channel on an SFTP server, through Airflow's hook, which also checks the server's host key."""

from __future__ import annotations

import datetime as dt
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import Any

from xianjie.returns.channels import (
    DONE,
    Arrival,
    ChannelDefinition,
    is_finished,
)
from xianjie.returns.errors import ChannelError, NotConnectedError

_CONNECT_SECONDS = 15
_SILENCE_SECONDS = 60
_STAYS = "文件仍在服务器上, 未处理"


@contextmanager
def connected(definition: ChannelDefinition) -> Iterator[SftpChannel]:
    """The channel over one session, closed at the end.

    Raises:
        NotConnectedError: Airflow has no such connection.
        ChannelError: the server refuses us, cannot be reached or breaks off.
    """
    import paramiko
    from airflow.providers.sftp.hooks.sftp import SFTPHook

    name = str(definition.connection)
    _require(name, definition.name)
    try:
        # One attempt: a wrong password tried again and again locks the account; the task has its own retries.
        hook = SFTPHook(ssh_conn_id=name, conn_timeout=_CONNECT_SECONDS, conn_retry_attempts=1)
        with hook.get_managed_conn() as client:
            client.get_channel().settimeout(_SILENCE_SECONDS)
            yield SftpChannel(definition, client)
    except (paramiko.SSHException, OSError, EOFError) as error:
        raise ChannelError(
            f"{definition.name}: SFTP 服务器连不上、不接受登录或中断（{type(error).__name__}）",
            data=_STAYS,
            next_command=f"airflow connections get {name}",
        ) from None


def _require(name: str, title: str) -> None:
    from airflow.sdk import Connection

    try:
        Connection.get(name)
    except Exception:  # Airflow raises different classes inside and outside a task
        raise NotConnectedError(
            f"{title}: Airflow 里没有连接 {name}",
            data="此通道未接入",
            next_command=f"airflow connections add {name} --conn-json '…'",
        ) from None


class SftpChannel:
    """A `Channel` over paramiko."""

    def __init__(self, definition: ChannelDefinition, client: Any) -> None:
        self._definition = definition
        self._client = client

    def arrivals(self, departments: Sequence[str]) -> Iterator[Arrival]:
        """Complete files: listed twice with the same size and time."""
        before = {department: self._listed(department) for department in departments}
        for department, found in before.items():
            again = self._listed(department) if found else {}
            for place, entry in sorted(found.items()):
                if _same(entry, again.get(place)):
                    name = PurePosixPath(place).name
                    yield Arrival(department, place, name, entry.st_size or 0, float(entry.st_mtime or 0))

    def fetch(self, arrival: Arrival, target: Path) -> None:
        """Downloads the file."""
        self._client.get(arrival.place, str(target))

    def answer(self, department: str, name: str, source: Path) -> None:
        """Uploads the answer aside and renames it."""
        folder = self._definition.outgoing.format(department=department)
        self._make(folder)
        aside, place = f"{folder}/.{name}", f"{folder}/{name}"
        self._client.put(str(source), aside)
        with suppress(FileNotFoundError, OSError):
            self._client.remove(place)
        self._client.rename(aside, place)

    def put_away(self, arrival: Arrival, day: dt.date) -> None:
        """Moves the file into ``已处理/<date>`` beside it; a name that is taken there gets a number."""
        path = PurePosixPath(arrival.place)
        away = path.parent / DONE / day.isoformat()
        self._make(str(away))
        taken = set(self._client.listdir(str(away)))
        name = next(name for name in _names(path) if name not in taken)
        with suppress(FileNotFoundError):
            self._client.rename(arrival.place, str(away / name))

    def _listed(self, department: str) -> dict[str, Any]:
        folder = self._definition.incoming.format(department=department).rstrip("/")
        try:
            found = self._client.listdir_attr(folder)
        except FileNotFoundError:
            return {}
        return {
            f"{folder}/{entry.filename}": entry
            for entry in found
            if stat.S_ISREG(entry.st_mode or 0) and is_finished(entry.filename)
        }

    def _make(self, folder: str) -> None:
        path = PurePosixPath(folder)
        for part in reversed([path, *path.parents][:-1]):
            try:
                self._client.stat(str(part))
            except FileNotFoundError:
                self._client.mkdir(str(part))


def _same(entry: Any, again: Any) -> bool:
    return again is not None and (entry.st_size, entry.st_mtime) == (again.st_size, again.st_mtime)


def _names(path: PurePosixPath) -> Iterator[str]:
    yield path.name
    number = 2
    while True:
        yield f"{path.stem}-{number}{path.suffix}"
        number += 1

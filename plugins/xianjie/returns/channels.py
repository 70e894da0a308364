"""Channels (通道): where offices put the workbooks they filled in, and where the answers go.

They are data, ``include/returns/channels.yaml``. A channel lists what has arrived, copies a file, puts an answer
into the office's outgoing folder and moves the file away. Nothing is deleted: what was taken in lies in
``已处理/<date>`` beside the incoming files.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, Protocol

from pydantic import Field

from xianjie.accountability.framework import accountability
from xianjie.settings import settings
from xianjie.warehouse.questions.definitions import Definition, raise_for, read_model

DONE = "已处理"
_UNFINISHED = (".part", ".tmp", ".filepart", ".crdownload", ".swp", ".et~", ".json")


class ChannelDefinition(Definition):
    """One channel of the file; `name` is shown to people."""

    code: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    name: str
    name_en: str
    kind: Literal["folder", "sftp", "mail"]
    incoming: str
    outgoing: str = ""
    connection: str | None = None
    hands_out: bool = False


class Channels(Definition):
    """All channels, how large a file may be (MB) and how many days our copies of files are kept."""

    version: str
    max_file_mb: int = Field(gt=0)
    keep_days: int = Field(gt=0)
    channels: tuple[ChannelDefinition, ...]

    @property
    def max_bytes(self) -> int:
        """The largest file that is taken, in bytes."""
        return self.max_file_mb * 1024 * 1024


@dataclass(frozen=True)
class Arrival:
    """A file where an office left it.

    `place` is its address in the channel, `name` what the office called it, `changed_at` in seconds; `person` is
    who brought it where the channel knows (the board's login); `department` is null when nobody can tell.
    """

    department: str | None
    place: str
    name: str
    size: int
    changed_at: float
    person: str | None = None


class Channel(Protocol):
    """What a kind of channel has to offer; every method may raise `ChannelError`."""

    def arrivals(self, departments: Sequence[str]) -> Iterator[Arrival]:
        """Files that are complete and not taken in yet."""

    def fetch(self, arrival: Arrival, target: Path) -> None:
        """Copies a file's content to `target`."""

    def answer(self, department: str, name: str, source: Path) -> None:
        """Puts an answer into the office's outgoing folder, whole or not at all; again replaces it."""

    def put_away(self, arrival: Arrival, day: dt.date) -> None:
        """Moves a file out of the incoming folder; one that is gone already is no fault."""


def channels(include_dir: Path | None = None) -> Channels:
    """The channels of an include folder (cached).

    Raises:
        DefinitionError: the file does not read.
    """
    return _channels(include_dir or settings().include_dir)


@lru_cache(maxsize=8)
def _channels(include_dir: Path) -> Channels:
    faults: list[str] = []
    found = read_model(Channels, include_dir / "returns" / "channels.yaml", faults)
    if found is not None:
        faults += [
            f"returns/channels.yaml: {channel.code}: 缺少 connection"
            for channel in found.channels
            if channel.kind == "sftp" and not channel.connection
        ]
    raise_for(faults)
    assert found is not None
    return found


def opened(channel: ChannelDefinition) -> AbstractContextManager[Channel]:
    """A channel, ready to use.

    Raises:
        NotConnectedError: Airflow does not know its connection.
        ChannelError: it cannot be reached.
    """
    if channel.kind == "sftp":
        from xianjie.returns.sftp_channel import connected

        return connected(channel)
    if channel.kind == "mail":
        from xianjie.returns.mail_channel import MailChannel

        return MailChannel(channel, senders())
    from xianjie.returns.folder_channel import FolderChannel

    return FolderChannel(channel)


def senders() -> dict[str, str]:
    """Departments by the mail addresses of their packs, in lower case."""
    return {
        address.lower(): unit.code
        for unit in accountability().recipients()
        if unit.kind == "department"
        for address in unit.mail
    }


def is_finished(name: str) -> bool:
    """Whether a file name is that of a complete upload, not of a half one, a lock or a note of ours."""
    return not name.startswith((".", "~$")) and not name.lower().endswith(_UNFINISHED)


def local(template: str, department: str = "") -> Path:
    """A folder of a channel on this machine: absolute, or below the home of the settings."""
    return settings().home / template.format(department=department)

"""A channel that is a folder of this installation; the board's uploads come this way.

Beside an uploaded file the board writes a note, ``<name>.json`` with ``{"name", "person"}``: what the office called the
file, and who was signed in.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from xianjie.returns.channels import (
    DONE,
    Arrival,
    ChannelDefinition,
    is_finished,
    local,
)
from xianjie.returns.errors import ChannelError

_SETTLED_SECONDS = 2.0  # a file that is still being copied in changes again within this time


class FolderChannel:
    """A `Channel` over folders, one a department."""

    def __init__(self, definition: ChannelDefinition) -> None:
        self._definition = definition

    def __enter__(self) -> FolderChannel:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, OSError):
            raise ChannelError(
                f"{self._definition.name}: 文件夹读写失败（{type(error).__name__}）",
                data="文件仍在原处, 未处理",
                next_command="xianjie returns list",
            ) from None

    def arrivals(self, departments: Sequence[str]) -> Iterator[Arrival]:
        """Complete files, by department and name."""
        for department in departments:
            folder = local(self._definition.incoming, department)
            for path in sorted(folder.iterdir()) if folder.is_dir() else ():
                if path.is_file() and not path.is_symlink() and is_finished(path.name) and is_settled(path):
                    yield self._arrival(department, path)

    def fetch(self, arrival: Arrival, target: Path) -> None:
        """Copies the file."""
        shutil.copyfile(arrival.place, target)

    def answer(self, department: str, name: str, source: Path) -> None:
        """Copies the answer aside and renames it."""
        folder = local(self._definition.outgoing, department)
        folder.mkdir(parents=True, exist_ok=True)
        aside = folder / f".{name}"
        shutil.copyfile(source, aside)
        aside.replace(folder / name)

    def put_away(self, arrival: Arrival, day: dt.date) -> None:
        """Moves the file and its note into ``已处理/<date>``."""
        path = Path(arrival.place)
        for each in (path, note_of(path)):
            move_away(each, day)

    def _arrival(self, department: str, path: Path) -> Arrival:
        found, note = path.stat(), _read(note_of(path))
        return Arrival(
            department,
            str(path),
            note.get("name") or path.name,
            found.st_size,
            found.st_mtime,
            note.get("person"),
        )


def note_of(path: Path) -> Path:
    """Where the note about an uploaded file stands."""
    return path.with_name(f"{path.name}.json")


def move_away(path: Path, day: dt.date) -> None:
    """Moves a file into ``已处理/<date>`` beside it; one that is gone already is no fault."""
    away = path.parent / DONE / day.isoformat()
    away.mkdir(parents=True, exist_ok=True)
    with suppress(FileNotFoundError):
        path.replace(away / path.name)


def is_settled(path: Path) -> bool:
    """Whether a file has not changed for a moment; a copy that is under way has."""
    return dt.datetime.now(tz=dt.UTC).timestamp() - path.stat().st_mtime >= _SETTLED_SECONDS


def _read(note: Path) -> dict[str, str]:
    with suppress(OSError, ValueError):
        return dict(json.loads(note.read_text(encoding="utf-8")))
    return {}

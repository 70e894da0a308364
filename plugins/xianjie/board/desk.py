"""What the page *returned rows* shows: what is open where, the workbooks to fill in, what came back and its answer."""

from __future__ import annotations

import datetime as dt
import json
import os
import uuid
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, text

from xianjie.contract.catalogue import catalogue
from xianjie.database.engine import Role, transaction
from xianjie.database.migrate import script
from xianjie.dates import SHANGHAI
from xianjie.reports import returned_rows
from xianjie.reports.model import PackFile
from xianjie.reports.recipients import titles
from xianjie.returns import files
from xianjie.returns.channels import channels, local
from xianjie.returns.folder_channel import note_of

UPLOAD = "upload"
_SHOWN_FILES = 40
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Desk:
    """One department: rows open, new tonight, since when; of those closed in 30 days, how many were fixed."""

    department: str
    title: str
    open_rows: int = 0
    new_rows: int = 0
    oldest_on: dt.date | None = None
    closed_rows: int = 0
    fixed_rows: int = 0
    book: str | None = None  # below packs/
    book_date: dt.date | None = None

    @property
    def fix_pct(self) -> float | None:
        """Share of the rows closed in 30 days that were fixed, in percent."""
        return 100.0 * self.fixed_rows / self.closed_rows if self.closed_rows else None


@dataclass(frozen=True)
class Came:
    """One file that came back; `has_answer` says that the answer can be opened."""

    file_id: uuid.UUID
    channel: str
    department: str
    state: str
    kind: str | None
    reason: str | None
    counts: dict[str, int]
    received_at: dt.datetime
    taken_at: dt.datetime | None
    by_whom: str | None
    has_answer: bool


@dataclass(frozen=True)
class Desks:
    """The whole page, as of a date."""

    day: dt.date
    desks: tuple[Desk, ...]
    files: tuple[Came, ...]

    def to_json(self) -> dict[str, Any]:
        """The same as plain values."""
        return {
            "day": self.day.isoformat(),
            "departments": [asdict(desk) | {"fix_pct": desk.fix_pct} for desk in self.desks],
            "files": [asdict(file) for file in self.files],
        }


def desks(county: str, language: str) -> Desks:
    """Reads the page.

    Raises:
        WarehouseError: the warehouse cannot be reached.
    """
    units, day = titles(language), dt.datetime.now(tz=SHANGHAI).date()
    with transaction(Role.READER) as connection:
        latest = connection.execute(
            text("select max(business_date) from ops.conclusion where county_code = :county"),
            {"county": county},
        ).scalar()
        day = latest or day
        rows = {
            row.department: row._asdict()
            for row in connection.execute(
                text(script("reports", "board_returns.sql")), {"county": county, "day": day}
            )
        }
        books = _books(connection, county)
    names = {each.code: each.name if language == "zh" else each.name_en for each in channels().channels}
    return Desks(
        day,
        tuple(
            Desk(**{"department": code, "title": units.get(code, code), **rows.get(code, {}), **books.get(code, {})})
            for code in catalogue().by_department()
        ),
        tuple(_came(file, names, units) for file in files.latest(county, _SHOWN_FILES)),
    )


def _books(connection: Connection, county: str) -> dict[str, dict[str, Any]]:
    """The newest returned-rows workbook of each department."""
    values = {"county": county, "name": returned_rows.FILE_NAME}
    rows = connection.execute(text(script("reports", "board_books.sql")), values)
    return {
        row.recipient: {"book": f"{row.business_date}/{PackFile(**row.file).path}", "book_date": row.business_date}
        for row in rows
    }


def _came(file: files.ReturnedFile, names: dict[str, str], units: dict[str, str]) -> Came:
    return Came(
        file.file_id,
        names.get(file.channel, file.channel),
        units.get(file.department or "", file.department or "—"),
        file.state,
        file.kind,
        file.reason,
        dict(file.counts),
        file.received_at.astimezone(SHANGHAI),
        file.taken_at.astimezone(SHANGHAI) if file.taken_at else None,
        file.by_whom,
        file.answer.exists(),
    )


def put(department: str, name: str, stream: IO[bytes], person: str) -> bool:
    """Puts an uploaded file into the department's incoming folder, whole or not at all.

    Returns:
        False when it is larger than `channels().max_bytes`; nothing is kept of it then.

    Raises:
        KeyError: there is no such department, or uploads are not a channel here.
    """
    if department not in catalogue().by_department():
        raise KeyError(department)
    channel = {each.code: each for each in channels().channels}[UPLOAD]
    folder = local(channel.incoming, department)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    target = folder / f"{uuid.uuid4()}{_ending(name)}"
    aside = folder / f".{target.name}"
    if not _copied(stream, aside, channels().max_bytes):
        aside.unlink()
        return False
    note_of(target).write_text(
        json.dumps({"name": Path(name).name, "person": person}, ensure_ascii=False), encoding="utf-8"
    )
    aside.replace(target)
    return True


def _copied(stream: IO[bytes], target: Path, limit: int) -> bool:
    size = 0
    with target.open("wb") as file:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size > limit:
                return False
            file.write(chunk)
        os.fsync(file.fileno())
    return True


def _ending(name: str) -> str:
    ending = Path(name).suffix.lower()
    return ending if ending.isascii() and 1 < len(ending) <= 6 and ending[1:].isalnum() else ""


def answer_of(county: str, file_id: uuid.UUID) -> tuple[Path, str] | None:
    """Where a file's answer lies and what it is called; None when there is none."""
    file = files.one(county, file_id)
    return (file.answer, file.answer_name) if file and file.answer.exists() else None

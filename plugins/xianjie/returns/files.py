"""Files that came back, as ``ops.returned_file`` and the folder beside it know them.

The database holds counts and codes. What people typed (the file's name, the sender) stays in ``note.json`` beside the
file itself, in a folder only this account can read.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from xianjie import dates
from xianjie.database.engine import transaction
from xianjie.database.migrate import script
from xianjie.dates import SHANGHAI
from xianjie.returns.channels import Arrival
from xianjie.settings import settings

ANSWER = "answer.xlsx"
_NOTE = "note.json"


@dataclass(frozen=True)
class ReturnedFile:
    """One file and how far it came: collected, then taken, refused (with a reason) or failed (ours)."""

    file_id: uuid.UUID
    county_code: str
    channel: str
    department: str | None
    sha256: str
    bytes: int
    kind: str | None
    state: str
    error_code: str | None
    reason: str | None
    counts: Mapping[str, int]
    business_date: dt.date | None
    by_whom: str | None
    received_at: dt.datetime
    taken_at: dt.datetime | None
    answered_at: dt.datetime | None
    put_away_at: dt.datetime | None
    removed_at: dt.datetime | None
    arrival: Arrival = field(repr=False)

    @property
    def folder(self) -> Path:
        """Where the file, the note about it and the answer lie."""
        return folder_of(self.file_id)

    @property
    def path(self) -> Path:
        """The file as it came."""
        return original_of(self.file_id, self.arrival)

    @property
    def answer(self) -> Path:
        """The answer file; it exists once the file was judged."""
        return self.folder / ANSWER

    @property
    def answer_name(self) -> str:
        """``回执_<name>_<month, day, hour, minute of arrival>.xlsx``: the office recognises its own file."""
        received = self.received_at.astimezone(SHANGHAI)
        stem = "".join(c for c in Path(self.arrival.name).stem if c not in '/\\:*?"<>|')[:80]
        return f"回执_{stem}_{received:%m%d-%H%M}.xlsx"


def id_of(county_code: str, channel: str, arrival: Arrival) -> uuid.UUID:
    """The same file found again in its place has the same id; a file sent again has its own."""
    parts = (county_code, channel, arrival.department, arrival.place, arrival.size, arrival.changed_at)
    return uuid.UUID(hashlib.md5("|".join(map(str, parts)).encode(), usedforsecurity=False).hexdigest())


def folder_of(file_id: uuid.UUID) -> Path:
    """A folder of its own below ``<home>/returns/files``."""
    return settings().home / "returns" / "files" / str(file_id)


def original_of(file_id: uuid.UUID, arrival: Arrival) -> Path:
    """Where a file is kept, under its id; of the name people gave it only the ending, which says what it is."""
    ending = Path(arrival.name).suffix.lower()
    return folder_of(file_id) / f"{file_id}{ending if ending.isascii() and len(ending) <= 6 else ''}"


def note(file_id: uuid.UUID, arrival: Arrival) -> None:
    """Keeps what the channel knows of a file beside it."""
    target = folder_of(file_id) / _NOTE
    target.write_text(json.dumps(asdict(arrival), ensure_ascii=False), encoding="utf-8")


def enter(
    county_code: str,
    channel: str,
    arrival: Arrival,
    *,
    sha256: str,
    received_at: dt.datetime,
    refusal: tuple[str, str] | None = None,
) -> uuid.UUID:
    """Records a file that was collected, or refused unread with a code and a reason; again changes nothing."""
    file_id = id_of(county_code, channel, arrival)
    code, reason = refusal or (None, None)
    values = {
        "file": file_id,
        "county": county_code,
        "channel": channel,
        "department": arrival.department,
        "sha256": sha256,
        "bytes": arrival.size,
        "state": "refused" if refusal else "collected",
        "code": code,
        "reason": reason,
        "person": arrival.person,
        "received_at": received_at,
    }
    with transaction() as connection:
        connection.execute(text(script("ops", "enter_returned_file.sql")), values)
    return file_id


def is_known(file_id: uuid.UUID) -> bool:
    """Whether a file was entered before."""
    statement = text("select exists (select 1 from ops.returned_file where file_id = :file)")
    with transaction() as connection:
        return bool(connection.execute(statement, {"file": file_id}).scalar())


def was_told(file: ReturnedFile) -> bool:
    """Whether the office was told already what this content came to, by an earlier file that was taken."""
    statement = text(
        "select exists (select 1 from ops.returned_file where county_code = :county and department = :department"
        " and sha256 = :sha256 and state = 'taken' and file_id <> :file)"
    )
    values = {"department": file.department, "sha256": file.sha256, "file": file.file_id}
    with transaction() as connection:
        return bool(connection.execute(statement, values | {"county": file.county_code}).scalar())


def mark(file_id: uuid.UUID, **values: Any) -> None:
    """Writes columns of a file's row; `counts` as a mapping."""
    if "counts" in values:
        values["counts"] = json.dumps(dict(values["counts"]))
    assignments = ", ".join(f"{name} = :{name}" for name in values)
    with transaction() as connection:
        connection.execute(
            text(f"update ops.returned_file set {assignments} where file_id = :file_id"),
            {"file_id": file_id, **values},
        )


def waiting(county_code: str) -> list[ReturnedFile]:
    """Files to be taken in, oldest first; also those that failed for a mistake of ours."""
    return _read("state in ('collected', 'failed')", county_code)


def to_answer(county_code: str) -> list[ReturnedFile]:
    """Files that are judged and still lie in their channel."""
    return _read("state in ('taken', 'refused') and put_away_at is null", county_code)


def latest(county_code: str, limit: int = 50, department: str | None = None) -> list[ReturnedFile]:
    """The newest files, newest first."""
    condition = "true" if department is None else "department = :department"
    return _read(condition, county_code, {"department": department}, order="desc", limit=limit)


def remove_old(county_code: str, before: dt.datetime) -> int:
    """Deletes the files that came before a moment and are done with, their notes and answers; returns how many.

    What they brought stays in the landing, their rows in ``ops.returned_file``.
    """
    old = _read(
        "received_at < :before and put_away_at is not null and removed_at is null", county_code, {"before": before}
    )
    for file in old:
        if file.folder.exists():
            shutil.rmtree(file.folder)
        mark(file.file_id, removed_at=dates.now())
    return len(old)


def one(county_code: str, file_id: uuid.UUID) -> ReturnedFile | None:
    """A file by its id."""
    found = _read("file_id = :file", county_code, {"file": file_id})
    return found[0] if found else None


def _read(
    condition: str,
    county_code: str,
    values: Mapping[str, Any] | None = None,
    *,
    order: str = "asc",
    limit: int | None = None,
) -> list[ReturnedFile]:
    statement = text(
        f"select * from ops.returned_file where county_code = :county and {condition}"
        f" order by received_at {order}, file_id limit :limit"
    )
    with transaction() as connection:
        return _files(connection, statement, {"county": county_code, "limit": limit, **(values or {})})


def _files(connection: Connection, statement: Any, values: Mapping[str, Any]) -> list[ReturnedFile]:
    rows: Sequence[Any] = connection.execute(statement, values).mappings().all()
    return [
        ReturnedFile(
            **{name: row[name] for name in ReturnedFile.__dataclass_fields__ if name != "arrival"},
            arrival=_noted(row["file_id"], row["department"]),
        )
        for row in rows
    ]


def _noted(file_id: uuid.UUID, department: str | None) -> Arrival:
    try:
        kept = json.loads((folder_of(file_id) / _NOTE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Arrival(department, "", "", 0, 0.0)
    return Arrival(**kept)

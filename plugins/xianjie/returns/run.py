"""One run over a returned workbook: begun once for each content of a file, gone on with after a kill."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from xianjie import dates
from xianjie.database.engine import alone, transaction
from xianjie.database.migrate import script
from xianjie.privacy import redact


@dataclass(frozen=True)
class Source:
    """What answers come in: a file and its SHA-256, or (path is null) a person at the command line.

    `until` is the last day of the waivers it asks for; by default as the terms say.
    """

    file_sha256: str
    file_name: str
    path: Path | None
    channel: str
    by: str | None
    department: str
    workbook_id: uuid.UUID
    until: dt.date | None = None


@dataclass(frozen=True)
class Run:
    """A source under way. `business_date` and `started_at` are those of the first start."""

    source: Source
    county_code: str
    business_date: dt.date
    started_at: dt.datetime
    is_repeated: bool


def begin(source: Source, county_code: str, business_date: dt.date, answers: int) -> Run:
    """Enters a source, or finds it entered: finished (it came again) or not (a run was killed)."""
    values = {
        "county": county_code,
        "sha256": source.file_sha256,
        "workbook": source.workbook_id,
        "department": source.department,
        "file": redact(source.file_name),
        "channel": source.channel,
        "by": redact(source.by) if source.by else None,
        "business_date": business_date,
        "answers": answers,
        "moment": dates.now(),
    }
    with transaction() as connection:
        connection.execute(text(script("quality", "begin_workbook.sql")), values)
        row = connection.execute(text(script("quality", "read_workbook.sql")), values).one()
    return Run(source, county_code, row.business_date, row.started_at, row.finished_at is not None)


def finish(run: Run) -> None:
    """Notes that every answer of the source has its outcome."""
    with transaction() as connection:
        connection.execute(
            text(
                "update quality.returned_workbook set finished_at = coalesce(finished_at, :moment)"
                " where county_code = :county and file_sha256 = :sha256"
            ),
            {"county": run.county_code, "sha256": run.source.file_sha256, "moment": dates.now()},
        )


@contextmanager
def one_at_a_time(county_code: str) -> Iterator[None]:
    """Whatever delivers rows of ours for a county waits for the one before."""
    with alone(f"returns {county_code}"):
        yield

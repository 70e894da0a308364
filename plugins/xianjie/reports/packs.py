"""Builds every recipient's pack and the manifest over them.

A pack is written aside and moved into place; a kill leaves the old pack or the new one, never half of either.
An edition that was handed out is never rewritten: what replaces it moves it to ``superseded/``.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
import tempfile
import uuid
from dataclasses import asdict, replace
from pathlib import Path

from sqlalchemy import Connection

from xianjie.database.engine import Role, transaction
from xianjie.reports import returned_rows
from xianjie.reports.cut import counts, cut, fingerprint
from xianjie.reports.editions import Known, alone, edition_of, latest, record
from xianjie.reports.model import Content, Edition, Night, Pack, PackFile, Recipient
from xianjie.reports.page import write_page
from xianjie.reports.reading import read_night
from xianjie.reports.recipients import recipients
from xianjie.reports.words import Words, words
from xianjie.reports.workbook import write_workbook
from xianjie.settings import settings
from xianjie.validation.quarantine import mark_returned


def build(business_date: dt.date, county: str) -> list[Pack]:
    """Builds all packs of a business date and the manifest; running it again changes nothing.

    Args:
        business_date: the night to report on.
        county: six-digit county code.

    Returns:
        one `Pack` a recipient, as in ``out/<date>/manifest.json``.

    Raises:
        DefinitionError: the framework, a rule or an indicator does not read.
        WarehouseError: the warehouse cannot be reached.
    """
    w = words()
    with alone("build", business_date, county):
        night = read_night(business_date, county, w)
        folder = folder_of(business_date)
        folder.mkdir(parents=True, exist_ok=True)
        packs = [_pack(night, recipient, folder, w) for recipient in recipients(w.language)]
        write_manifest(folder, night, packs)
    return packs


def folder_of(business_date: dt.date) -> Path:
    """``out/<date>``."""
    return settings().out_dir / business_date.isoformat()


def _pack(night: Night, recipient: Recipient, folder: Path, w: Words) -> Pack:
    content = cut(night, recipient)
    with transaction(Role.PIPELINE) as connection:
        known = latest(connection, night.county_code, night.business_date, recipient.code)
    edition = edition_of(content, known, w)
    if known is not None and known.fingerprint == fingerprint(content) and _is_in_place(folder, known):
        return _described(content, edition, known.files)
    files = _write(content, edition, folder, known, w)
    pack = _described(content, edition, files)
    with transaction(Role.PIPELINE) as connection:
        record(connection, content, pack)
        _mark_returned(connection, content, edition)
    return pack


def _mark_returned(connection: Connection, content: Content, edition: Edition) -> None:
    """The rows in a department's workbook are returned from now on: it lies where the department finds it."""
    rows = [uuid.UUID(row.row_id) for sheet in content.returned for row in sheet.rows]
    if not rows:
        return
    night, key = content.night, settings().require_key("token_key")
    identity = returned_rows.workbook_id(
        key, night.county_code, content.returned[0].department, night.business_date, edition.revision
    )
    mark_returned(connection, night.county_code, rows, identity, night.business_date)


def _described(content: Content, edition: Edition, files: tuple[PackFile, ...]) -> Pack:
    return Pack(
        recipient=content.recipient.code,
        title=content.recipient.title,
        revision=edition.revision,
        files=files,
        counts=counts(content),
        missing_departments=content.night.missing,
        changes=edition.changes,
    )


def _is_in_place(folder: Path, known: Known) -> bool:
    return all(
        (folder / file.path).is_file() and described(folder, folder / file.path).sha256 == file.sha256
        for file in known.files
    )


def _write(
    content: Content, edition: Edition, folder: Path, known: Known | None, w: Words
) -> tuple[PackFile, ...]:
    code = content.recipient.code
    for left in folder.glob(f".{code}-*"):  # of a run that was killed
        shutil.rmtree(left, ignore_errors=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{code}-", dir=folder))
    try:
        write_workbook(aside / workbook_name(content, edition, w), content, edition, w)
        write_page(aside / "index.html", content, edition, w)
        rows = _write_returned_rows(aside / returned_rows.FILE_NAME, content, edition)
        aside.chmod(0o755)
        _replace(aside, folder / code, _attic(folder, code, edition, known))
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    files = (described(folder, path) for path in sorted((folder / code).iterdir()))
    return tuple(
        replace(file, rows=rows) if file.path.endswith(f"/{returned_rows.FILE_NAME}") else file for file in files
    )


def _write_returned_rows(path: Path, content: Content, edition: Edition) -> int | None:
    """The workbook a department corrects its rows in; none when nothing of its is returned."""
    sheets = [sheet for sheet in content.returned if sheet.rows]
    if not sheets:
        return None
    night, title = content.night, content.recipient.title
    return returned_rows.write_returned_rows(
        path, sheets, night.business_date, night.county_code, title=title, revision=edition.revision
    )


def _attic(folder: Path, code: str, edition: Edition, known: Known | None) -> Path | None:
    """Where the edition that now lies in place is kept; None when it was never handed out."""
    if known is None or known.edition.revision == edition.revision or not _is_in_place(folder, known):
        return None
    return folder / "superseded" / code / str(known.edition.revision)


def workbook_name(content: Content, edition: Edition, w: Words) -> str:
    """``防返贫动态监测日报_住建局_2026-09-22.xlsx``, with 更新版 and number from the second edition on."""
    parts = [w("report"), content.recipient.title, content.night.business_date.isoformat()]
    if edition.is_update:
        parts.append(w("edition_update", revision=edition.revision))
    return "_".join("".join(c for c in part if c not in '/\\:*?"<>| ') for part in parts) + ".xlsx"


def _replace(new: Path, place: Path, attic: Path | None) -> None:
    """Moves `new` to `place`; what stood there goes to the attic, or away."""
    if place.exists() and attic is not None and not attic.exists():
        attic.parent.mkdir(parents=True, exist_ok=True)
        place.rename(attic)
    shutil.rmtree(place, ignore_errors=True)
    new.rename(place)


def described(folder: Path, path: Path) -> PackFile:
    """A file with its check sum; its path is relative to the date's folder."""
    data = path.read_bytes()
    return PackFile(path.relative_to(folder).as_posix(), hashlib.sha256(data).hexdigest(), len(data))


def write_manifest(folder: Path, night: Night, packs: list[Pack]) -> None:
    """``manifest.json``: every pack with recipient, files, check sums, counts, who is missing."""
    manifest = {
        "business_date": night.business_date.isoformat(),
        "county": night.county_code,
        "missing_departments": list(night.missing),
        "packs": [asdict(pack) for pack in packs],
    }
    aside = folder / ".manifest.json"
    aside.write_text(json.dumps(manifest, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    aside.replace(folder / "manifest.json")

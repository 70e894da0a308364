"""A small county whose departments drop files into folders: contracts, files, what the warehouse holds."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from sqlalchemy import text

from xianjie.contract.catalogue import catalogue
from xianjie.database.engine import Role, transaction
from xianjie.night import inline
from xianjie.settings import REPOSITORY, settings
from xianjie.warehouse.as_of import as_of

FIRST = dt.date(2026, 9, 21)
HOUSES, POSTS = "housing.house_safety", "employment.public_posts"
Rows = list[list[str | None]]


def include_with(folder: Path, sources: Mapping[str, Mapping[str, Any]]) -> Path:
    """An include folder that differs from the repository's in its contracts' ``source`` sections only."""
    folder.mkdir(parents=True)
    for part in (REPOSITORY / "include").iterdir():
        if part.name != "contracts":
            (folder / part.name).symlink_to(part)
    for path in sorted((REPOSITORY / "include" / "contracts").rglob("*.yaml")):
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        ours = next(each for each in document["customProperties"] if each["property"] == "xianjie")
        if document["id"] in sources:  # what is switched off is not delivered
            ours["value"]["source"] = dict(sources[document["id"]])
        target = folder / "contracts" / path.relative_to(REPOSITORY / "include" / "contracts")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return folder


def folder_source(drops: Path, contract_id: str, kind: str, **reading: object) -> dict[str, Any]:
    """A ``source`` section: every file of the evening's folder whose name begins with the contract's id."""
    path = f"{drops.as_uri()}/{{business_date:%Y%m%d}}/{contract_id}.*"
    return {"connector": "folder", "format": kind, "options": {"path": path}, "reading": reading}


def rows_of(base: Path, contract_id: str) -> tuple[list[str], Rows]:
    """Labels and clean rows of a dataset as the demo's county has them, in order of their key."""
    fields = catalogue().get(contract_id).fields
    names = ", ".join(field.name for field in fields)
    query = f"select {names} from '{base / contract_id}.parquet' order by _key"
    with duckdb.connect() as connection:
        return [field.label for field in fields], [list(row) for row in connection.execute(query).fetchall()]


def workbook(labels: Sequence[str], rows: Rows, sheet: str = "Sheet1") -> bytes:
    """A workbook as offices make them: two title rows, the header on the third."""
    import xlsxwriter

    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        page = book.add_worksheet(sheet)
        page.write_string(0, 0, "衔接示范县")
        page.write_string(1, 0, "填报单位")
        for number, row in enumerate([list(labels), *rows], start=2):
            for column, cell in enumerate(row):
                if cell is not None:
                    page.write_string(number, column, str(cell))
    return content.getvalue()


def csv_file(labels: Sequence[str], rows: Rows) -> bytes:
    """The same as GB18030 text."""
    content = io.StringIO(newline="")
    csv.writer(content).writerows([labels, *rows])
    return content.getvalue().encode("gb18030")


def put(drops: Path, day: dt.date, name: str, content: bytes) -> None:
    """Leaves a file in the evening's folder, in place of what a former attempt left there."""
    folder = drops / f"{day:%Y%m%d}"
    folder.mkdir(parents=True, exist_ok=True)
    for former in folder.glob(f"{name.rsplit('.', 1)[0]}.*"):
        former.unlink()
    (folder / name).write_bytes(content)


def ask(query: str, **values: object) -> list[dict[str, Any]]:
    """Rows of the warehouse as dictionaries."""
    with transaction() as connection:
        return [dict(row) for row in connection.execute(text(query), values).mappings()]


def facts(contract_id: str, day: dt.date | None = None) -> list[dict[str, Any]]:
    """A dataset's rows as of a day (default: the latest), as people who read the warehouse see them."""
    table = contract_id.replace(".", "_")
    with transaction(Role.READER) as connection:
        as_of(connection, day)
        found = connection.execute(text(f"select * from facts.{table} order by record_key")).mappings()
        return [dict(row) for row in found]


class Sink:
    """A mail server that takes everything."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:
        self.mails.append(envelope.content)
        return "250 OK"


@dataclass
class County:
    """The folder that the departments drop into, and what they would send on an ordinary evening."""

    root: Path
    drops: Path
    include: Path
    labels: dict[str, list[str]] = field(default_factory=dict)
    rows: dict[str, Rows] = field(default_factory=dict)
    first: bytes = b""
    sink: Sink = field(default_factory=Sink)

    def houses(self, **changes: Any) -> bytes:
        """The housing bureau's workbook; `changes` replace labels, rows or the sheet's name."""
        return workbook(**{"labels": self.labels[HOUSES], "rows": self.rows[HOUSES], **changes})

    def posts(self, attendance: str) -> bytes:
        """The employment bureau's file; its first row says how many days somebody came this month."""
        place = self.labels[POSTS].index("本月考勤天数")
        rows = [list(row) for row in self.rows[POSTS]]
        rows[0][place] = attendance
        return csv_file(self.labels[POSTS], rows)

    def night(self, day: dt.date, include: Path | None = None) -> dict[str, dict[str, Any]]:
        """Runs a whole night; its steps by name."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("XIANJIE_INCLUDE_DIR", str(include or self.include))
            settings.cache_clear()
            done = inline.run(day, list(catalogue().by_department()))
        settings.cache_clear()
        return {step["step"]: step for step in done}

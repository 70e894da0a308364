"""A folder a department puts its files into, and how such files are made."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import openpyxl
from intake_helpers import DAY, HEADER, PERSON, make_contract

from xianjie import intake
from xianjie.contract.model import Contract, Source

ROW = (PERSON, "张三", "一小", "1")
WORKBOOK = {"header_row": 3, "sheet": "first"}


def contract_of(box: Path, reading: dict[str, object] | None = None, **options: object) -> Contract:
    box.mkdir(exist_ok=True)
    paths = {name: f"{box.as_uri()}{path}" for name, path in ({"path": "/*"} | options).items()}
    source = Source(connector="folder", options=paths, reading=reading or {})
    return make_contract(source)


def pull_file(box: Path, name: str, content: bytes, reading: dict[str, object] | None = None) -> intake.Pull:
    box.mkdir(exist_ok=True)
    (box / name).write_bytes(content)
    return intake.pull(contract_of(box, reading), DAY)


def sheet_file(path: Path, rows: list[list[object]], name: str = "Sheet1", *, title_rows: int = 2) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = name
    for number in range(title_rows):
        sheet.append([f"标题 {number}"])
    for row in rows:
        sheet.append(row)
    path.parent.mkdir(exist_ok=True)
    book.save(path)
    return path


def lines(*rows: tuple[str, ...], delimiter: str = ",", ending: str = "\r\n") -> str:
    return "".join(delimiter.join(row) + ending for row in (HEADER, *rows))


def zipped(*members: tuple[str, bytes], flags: int = 0) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return stream.getvalue()

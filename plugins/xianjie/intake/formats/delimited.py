"""Delimited text: UTF-8 with or without mark, GB18030 (GBK, GB2312), UTF-16; comma, tab, semicolon or bar."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from xianjie.contract.model import Contract
from xianjie.intake.formats.headers import header_place
from xianjie.landing import CsvTable, SourceFormatError, is_header, text_encoding

_SAMPLE = 1 << 20
_CHUNK = 1 << 22
_DELIMITERS = ",\t;|"
_LOOK_AT = 20
_BLANK_LINE = re.compile(rb"\n\r?\n[^\r\n]")


def open_table(contract: Contract, name: str, path: Path, folder: Path) -> CsvTable:
    """A delimited file as a UTF-8 table; other encodings are rewritten below `folder`, chunk by chunk.

    Raises:
        SourceFormatError: not text in an encoding we know, or no row is the header.
    """
    path, lines = _first_lines(contract, path, folder)
    delimiter = contract.source.reading.get("delimiter") or _delimiter(contract, lines)
    records = [_cells(line, delimiter) for line in lines]
    place = header_place(contract, records)
    return CsvTable(
        file=name,
        header=tuple(cell or "" for cell in records[place]),
        path=path,
        skip=place + 1,
        first_line=place + 2,
        delimiter=delimiter,
        is_regular=_is_regular(path) and lines[place].count('"') % 2 == 0,
    )


def head(contract: Contract, path: Path, folder: Path) -> list[list[str | None]]:
    """The first rows of a file that no contract knows yet, by the delimiter that shows most cells."""
    _, lines = _first_lines(contract, path, folder)
    ways = ([_cells(line, delimiter) for line in lines] for delimiter in _DELIMITERS)
    return max(ways, key=lambda rows: max((len(row) for row in rows), default=0))


def _first_lines(contract: Contract, path: Path, folder: Path) -> tuple[Path, list[str]]:
    """The file in UTF-8 (itself, or a copy below `folder`) and its first lines."""
    found = encoding(contract, path)
    if found != "utf-8-sig":
        path = _rewrite(contract, path, found, folder)
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
        return path, list(islice(stream, _LOOK_AT))


def encoding(contract: Contract, path: Path) -> str:
    """The encoding of a file: its mark, what its bytes allow, else what the contract says.

    Raises:
        SourceFormatError: none of them tells.
    """
    with path.open("rb") as stream:
        mark = stream.read(2)
    if mark in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16"
    found = text_encoding(path, _SAMPLE) or contract.source.reading.get("encoding")
    if found is None:
        raise SourceFormatError(
            f"{contract.title}: 文件编码无法识别, 请另存为 UTF-8 或 XLSX 后重报", reason="encoding"
        )
    return str(found)


def _rewrite(contract: Contract, path: Path, known: str, folder: Path) -> Path:
    """The file as UTF-8; what is no character of its encoding becomes the replacement character."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{path.name}.utf8"
    decoder = codecs.getincrementaldecoder(known)("replace")
    with path.open("rb") as source, target.open("wb") as stream:
        while chunk := source.read(_CHUNK):
            stream.write(decoder.decode(chunk).encode())
        stream.write(decoder.decode(b"", final=True).encode())
    return target


def _delimiter(contract: Contract, lines: Sequence[str]) -> str:
    """The delimiter that shows most columns of the contract; the comma when none shows more."""

    def columns_shown(delimiter: str) -> int:
        return max((is_header(contract, _cells(line, delimiter)) for line in lines), default=0)

    return max(_DELIMITERS, key=columns_shown)


def _cells(line: str, delimiter: str) -> list[str | None]:
    return [cell or None for cell in next(csv.reader([line], delimiter=delimiter), [])]


def _is_regular(path: Path) -> bool:
    """Whether the file has line feeds, and no blank line between rows (those would shift line numbers)."""
    has_line_feed, tail = False, b""
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            if _BLANK_LINE.search(tail + chunk):
                return False
            has_line_feed = has_line_feed or b"\n" in chunk
            tail = chunk[-4:]
    return has_line_feed

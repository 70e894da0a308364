"""Looks through a workbook once, byte by byte and in bounded memory, before any reader builds it up.

The sizes that an archive declares may be lies, and one stray cell in the last corner makes readers that hold
a sheet as a rectangle ask for terabytes. Both are found here, by unpacking without keeping.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from xianjie.workbooks.errors import FileRefusedError
from xianjie.workbooks.limits import Limits

_CHUNK = 1 << 20
_MB = 1 << 20
# Most cells stand near the corner, where they cannot make a rectangle large: they are not looked at one by one.
_FAR = re.compile(rb'r="([A-Z]{2,3}\d{1,7}|[A-Z]\d{6,7})"')
_ANY = re.compile(rb'r="[A-Z]{1,3}(\d{1,7})"')
_NEAR_ROWS = 99_999
_ROW = re.compile(rb"<(?:\w+:)?row[\s>/]")
_CELL = re.compile(rb"<(?:\w+:)?c[\s>/]")
_NAMED = b'<c r="'


@dataclass(frozen=True)
class Sight:
    """What was seen: whether macros and links to other workbooks are inside (neither is ever followed)."""

    has_macros: bool
    has_links: bool


def scan(path: Path, limits: Limits) -> Sight:
    """Unpacks every member without keeping it.

    Raises:
        FileRefusedError: ``truncated`` when a member is damaged or larger than declared, ``too_large`` when a
            sheet spans more rows or cells than `limits` allow, ``zip_bomb`` for the shared texts.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            for name in names:
                _look(archive, name, limits)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError, RuntimeError):
        raise FileRefusedError("truncated", "文件不完整或已损坏, 请重新导出后再报") from None
    return Sight(
        has_macros=any(name.lower().endswith("vbaproject.bin") for name in names),
        has_links=any(name.startswith("xl/externalLinks/") for name in names),
    )


def _look(archive: zipfile.ZipFile, name: str, limits: Limits) -> None:
    if name.startswith("xl/worksheets/") and name.endswith(".xml"):
        _measure(archive, name, limits)
        return
    with archive.open(name) as stream:
        size = sum(len(chunk) for chunk in _chunks(stream))
    if name == "xl/sharedStrings.xml" and size > limits.max_shared_text_mb * _MB:
        raise FileRefusedError("too_large", f"工作簿的文字超过 {limits.max_shared_text_mb} MB, 请分成几个文件")


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    while chunk := stream.read(_CHUNK):
        yield chunk


class _Rectangle:
    """The rows and columns that a sheet's cells span, and the fullest row where cells name no place."""

    def __init__(self) -> None:
        self._rows = self._bottom = self._right = self._fullest = self._open = 0

    def add(self, seen: bytes) -> None:
        """Takes in a stretch that splits no tag."""
        self._rows += len(_ROW.findall(seen))
        for place in set(_FAR.findall(seen)):
            letters = place.rstrip(b"0123456789")
            self._right = max(self._right, _number(letters))
            self._bottom = max(self._bottom, int(place[len(letters) :]))
        if seen.count(b"<c") != seen.count(_NAMED) + seen.count(b"<col"):
            self._add_nameless(seen)

    def _add_nameless(self, seen: bytes) -> None:
        """Cells that name no place stand one beside the other; a row may go on in the next stretch."""
        first, *others = [len(_CELL.findall(row)) for row in _ROW.split(seen)]
        self._fullest = max(self._fullest, self._open + first, *others)
        self._open = others[-1] if others else self._open + first

    def needs_exact_rows(self, limits: Limits) -> bool:
        """Whether the sheet is so wide that rows near the top matter."""
        return self._right * _NEAR_ROWS > limits.max_cells

    def add_rows_of_all_cells(self, seen: bytes) -> None:
        """The second look at a wide sheet."""
        self._bottom = max(self._bottom, *({int(row) for row in set(_ANY.findall(seen))} or {0}))

    def refuse(self, limits: Limits) -> None:
        """Raises `FileRefusedError` when the rectangle is over the limits."""
        rows, columns = max(self._rows, self._bottom), max(self._right, self._fullest, 1)
        if rows > limits.max_rows:
            raise FileRefusedError(
                "too_large", f"工作表超过 {limits.max_rows:,} 行, 没有打开; 请删去多余的空行, 或分成几个文件"
            )
        if rows * columns > limits.max_cells:
            raise FileRefusedError(
                "too_large",
                f"工作表占用的范围太大 ({rows:,} 行 × {columns:,} 列), 没有打开; "
                "请删去表格以外的内容和格式, 或改报 CSV",
            )


def _measure(archive: zipfile.ZipFile, name: str, limits: Limits) -> None:
    """Holds the rectangle of a sheet against the limits while it streams by."""
    rectangle = _Rectangle()
    for seen in _stretches(archive, name):
        rectangle.add(seen)
        rectangle.refuse(limits)
    if rectangle.needs_exact_rows(limits):
        for seen in _stretches(archive, name):
            rectangle.add_rows_of_all_cells(seen)
            rectangle.refuse(limits)


def _stretches(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """A member in pieces that split no tag."""
    tail = b""
    with archive.open(name) as stream:
        for chunk in _chunks(stream):
            window = tail + chunk
            cut = window.rfind(b"<")
            seen, tail = (window[:cut], window[cut:]) if cut > 0 else (window, b"")
            yield seen
    yield tail


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number

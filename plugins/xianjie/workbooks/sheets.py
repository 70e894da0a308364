"""Reads an XLSX sheet cell by cell, as it streams out of the archive; formulas, errors and dates stay tellable.

The quick reader of the intake hands out a formula's cached value and an error's text without saying so; where
people type answers that must be known. Works on what Excel, WPS, LibreOffice and openpyxl write.
"""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Literal, NamedTuple
from xml.parsers import expat

from xianjie.workbooks.errors import FileRefusedError
from xianjie.workbooks.kinds import Kind, kind_of
from xianjie.workbooks.limits import Limits
from xianjie.workbooks.parts import (
    SheetInfo,
    chunks,
    directory,
    local,
    parse,
    safe_parser,
    shared_texts,
    unescaped,
)
from xianjie.workbooks.places import column_letters, column_number, span
from xianjie.workbooks.scan import Sight, scan
from xianjie.workbooks.styles import date_styles

_EXACT = 10**15

__all__ = ["Cell", "OpenWorkbook", "Row", "SheetInfo", "column_letters", "column_number", "span"]

CellKind = Literal["text", "number", "date", "boolean", "error"]


class Cell(NamedTuple):
    """One cell that holds something: its text, what it is, whether a formula made it."""

    text: str
    kind: CellKind
    is_formula: bool


class Row(NamedTuple):
    """One row with something in it: its number (1-based) and its cells by column (0-based)."""

    line: int
    cells: dict[int, Cell]


class OpenWorkbook:
    """An XLSX file opened safely; use it as a context manager.

    Raises:
        FileRefusedError: it is no workbook, damaged, or over the limits.
    """

    def __init__(self, path: Path, limits: Limits) -> None:
        if kind_of(path, limits) is not Kind.WORKBOOK:
            raise FileRefusedError("not_a_workbook", "不是 Excel 工作簿 (.xlsx), 请用原来的工作簿填写后发回")
        self.sight: Sight = scan(path, limits)
        self._limits = limits
        self._archive = zipfile.ZipFile(path)
        try:
            self._epoch, self.sheets = directory(self._archive)
            self._texts = shared_texts(self._archive)
            self._dates = date_styles(self._archive)
        except (expat.ExpatError, KeyError, ValueError):
            self._archive.close()
            raise FileRefusedError("truncated", "工作簿的结构不完整, 请重新保存后再报") from None

    def __enter__(self) -> OpenWorkbook:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._archive.close()

    def rows(self, sheet: SheetInfo) -> Iterator[Row]:
        """The rows of a sheet that hold anything, from the top.

        Raises:
            FileRefusedError: the sheet's XML is broken.
        """
        parser = _SheetParser(self._texts, self._dates, self._epoch)
        try:
            with self._archive.open(sheet.part) as stream:
                for chunk in chunks(stream):
                    yield from parser.feed(chunk)
        except (expat.ExpatError, ValueError, IndexError):
            raise FileRefusedError("truncated", "工作表的内容不完整, 请重新保存后再报") from None

    def merged(self, sheet: SheetInfo) -> list[tuple[int, int, int, int]]:
        """Merged ranges as (first row, first column, last row, last column); rows 1-based, columns 0-based."""
        found: list[tuple[int, int, int, int]] = []

        def start(name: str, attributes: dict[str, str]) -> None:
            if local(name) == "mergeCell" and (place := span(attributes.get("ref", ""))):
                found.append(place)

        with self._archive.open(sheet.part) as stream:
            parse(stream, start)
        return found


class _SheetParser:
    """Turns a sheet's XML into rows; one call a chunk."""

    def __init__(self, texts: list[str], dates: frozenset[int], epoch: dt.date) -> None:
        self._texts, self._dates, self._epoch = texts, dates, epoch
        self._parser = safe_parser()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._done: list[Row] = []
        self._cells: dict[int, Cell] = {}
        self._line, self._column = 0, -1
        self._type = self._style = self._text = ""
        self._is_formula = self._is_reading = self._is_phonetic = False

    def feed(self, chunk: bytes) -> list[Row]:
        """The rows that ended within a chunk."""
        self._parser.Parse(chunk, False)
        done, self._done = self._done, []
        return done

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = local(name)
        if name == "c":
            reference = attributes.get("r")
            self._column = column_number(reference.rstrip("0123456789")) if reference else self._column + 1
            self._type, self._style = attributes.get("t", "n"), attributes.get("s", "0")
            self._text, self._is_formula = "", False
        elif name in ("v", "t"):
            self._is_reading = not self._is_phonetic
        elif name == "f":
            self._is_formula = True
        elif name == "rPh":
            self._is_phonetic = True
        elif name == "row":
            self._line = int(attributes.get("r", self._line + 1))
            self._cells, self._column = {}, -1

    def _characters(self, data: str) -> None:
        if self._is_reading:
            self._text += data

    def _end(self, name: str) -> None:
        name = local(name)
        if name in ("v", "t"):
            self._is_reading = False
        elif name == "rPh":
            self._is_phonetic = False
        elif name == "c" and (self._text or self._is_formula):
            text, kind = self._value()
            if text or self._is_formula:
                self._cells[self._column] = Cell(text, kind, self._is_formula)
        elif name == "row" and self._cells:
            self._done.append(Row(self._line, self._cells))

    def _value(self) -> tuple[str, CellKind]:
        if self._type == "s":
            return self._texts[int(self._text)], "text"
        if self._type in ("str", "inlineStr"):
            return unescaped(self._text), "text"
        if self._type == "e":
            return self._text, "error"
        if self._type == "b":
            return ("TRUE" if self._text == "1" else "FALSE"), "boolean"
        if self._type == "d":
            return self._text.removesuffix("T00:00:00"), "date"
        return self._number()

    def _number(self) -> tuple[str, CellKind]:
        number = float(self._text) if self._text else 0.0
        if int(self._style) in self._dates and 0 < number < 2_958_466:
            return _moment(number, self._epoch), "date"
        if not self._text:
            return "", "number"
        whole = number.is_integer() and abs(number) < _EXACT
        return (str(int(number)) if whole else repr(number).upper()), "number"


def _moment(number: float, epoch: dt.date) -> str:
    day = epoch + dt.timedelta(days=int(number))
    seconds = round(number % 1 * 86_400)
    return day.isoformat() if not seconds else f"{day} {dt.timedelta(seconds=seconds)}"

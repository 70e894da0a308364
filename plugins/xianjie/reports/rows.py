"""Writes rows of a constant-memory worksheet as XML, without one Python object a cell.

XlsxWriter spends six seconds on a million cells, most of it on checks that a table of known columns does not
need. This writes the same XML for the same values (a test compares the two); everything around the rows stays
XlsxWriter's.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any

Value = str | int | float | dt.date | dt.datetime | None

_EPOCH = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet's day count has no zone
_LONGEST = 32_767  # UTF-16 units Excel takes in one cell
_SPECIAL = re.compile(r"[&<>\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]|_x[0-9A-Fa-f]{4}_")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]")
_LITERAL = re.compile(r"(_x[0-9A-Fa-f]{4}_)")


class RowWriter:
    """Appends rows to the worksheet below what XlsxWriter wrote last.

    Args:
        sheet: an XlsxWriter worksheet of a workbook with ``constant_memory``.
        columns: number of columns of the table.
    """

    def __init__(self, sheet: Any, columns: int) -> None:
        self._sheet = sheet
        self._letters = [_letter(number) for number in range(columns)]

    def write(
        self, row: int, height: float, values: Sequence[Value], styles: Sequence[int | None]
    ) -> None:
        """Writes one whole row (0-based `row`, height in points); `styles` are indices of cell formats.

        A cell without value and style is not written: it looks as its column does.
        """
        self._open(row)
        number = str(row + 1)
        parts = [f'<row r="{number}" ht="{height:g}" customHeight="1">']
        for letter, value, style in zip(self._letters, values, styles, strict=True):
            if style is None:
                continue
            head = f'<c r="{letter}{number}" s="{style}"'
            if isinstance(value, str):
                parts.append(f'{head} t="inlineStr"><is>{_text(value)}</is></c>')
            elif value is None:
                parts.append(head + "/>")
            else:
                parts.append(f"{head}><v>{_number(value)}</v></c>")
        parts.append("</row>")
        self._sheet.fh.write("".join(parts))

    def _open(self, row: int) -> None:
        """Has XlsxWriter flush its last row and know how far the sheet reaches."""
        sheet = self._sheet
        if row > sheet.previous_row:
            sheet._write_single_row(row)
        sheet._check_dimensions(row, len(self._letters) - 1)
        sheet._check_dimensions(row, 0)


def _letter(column: int) -> str:
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def _number(value: float | dt.date) -> str:
    if isinstance(value, dt.datetime):
        value = (value.replace(tzinfo=None) - _EPOCH) / dt.timedelta(days=1)
    elif isinstance(value, dt.date):
        value = value.toordinal() - _EPOCH.toordinal()
    return f"{value:.16G}"


def _text(text: str) -> str:
    if len(text) > _LONGEST // 2:
        text = text.encode("utf-16-le", "replace")[: 2 * _LONGEST].decode("utf-16-le", "ignore")
    if _SPECIAL.search(text):
        text = _CONTROL.sub(lambda m: f"_x{ord(m.group()):04X}_", _LITERAL.sub(r"_x005F\1", text))
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    if text[:1].isspace() or text[-1:].isspace():
        return f'<t xml:space="preserve">{text}</t>'
    return f"<t>{text}</t>"

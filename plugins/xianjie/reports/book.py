"""The look of a workbook, and the only place that writes cells.

Text is always written as text: no string of a department can become a formula, a link or a number. Colours
keep their order when printed in grey, and every colour is also a word.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xianjie.reports.rows import RowWriter, Value
from xianjie.workbooks.heights import lines_of

_FONT = "微软雅黑"
_LINE = "BFBFBF"
_WRAPPING = frozenset({"wrap"})
_ROW = 15.0  # points a line of text takes
_INDENT = 2  # Latin characters that the indent of text takes
_CELL: dict[str, Any] = {"font_name": _FONT, "font_size": 10, "valign": "vcenter"}
_GRID: dict[str, Any] = {**_CELL, "border": 1, "border_color": _LINE}
_MID: dict[str, Any] = {**_GRID, "align": "center"}

STYLES: dict[str, dict[str, Any]] = {
    "title": {**_CELL, "font_size": 20, "bold": True, "font_color": "1F3864"},
    "subtitle": {**_CELL, "font_size": 11, "font_color": "595959"},
    "heading": {
        **_CELL,
        "font_size": 12,
        "bold": True,
        "font_color": "1F3864",
        "bottom": 2,
        "bottom_color": "1F3864",
    },
    "plain": {**_CELL, "text_wrap": True},
    "link": {**_CELL, "font_color": "1F4E9E", "underline": 1},
    "small": {**_CELL, "font_size": 9, "font_color": "595959", "text_wrap": True},
    "alarm": {
        **_CELL,
        "bold": True,
        "font_size": 11,
        "font_color": "FFFFFF",
        "bg_color": "A61C1C",
        "text_wrap": True,
        "indent": 1,
    },
    "notice": {
        **_CELL,
        "bg_color": "FFF2CC",
        "text_wrap": True,
        "border": 1,
        "border_color": "BF9000",
        "indent": 1,
    },
    "calm": {**_CELL, "bg_color": "E2EFDA", "text_wrap": True, "indent": 1},
    "header": {**_MID, "bold": True, "bg_color": "D9E2F3", "text_wrap": True},
    "header_answer": {**_MID, "bold": True, "bg_color": "FFE699", "text_wrap": True},
    "header_own": {**_MID, "bold": True, "bg_color": "E7E6E6", "text_wrap": True},
    "text": {**_GRID, "indent": 1},
    "wrap": {**_GRID, "text_wrap": True, "indent": 1},
    "center": _MID,
    "delivered": {**_GRID, "quote_prefix": True},
    "delivered_bad": {
        **_GRID,
        "quote_prefix": True,
        "bg_color": "F8CBAD",
        "bold": True,
        "font_color": "7B1010",
    },
    "id": {**_MID, "num_format": "@", "quote_prefix": True},
    "handle": {**_GRID, "font_size": 8, "font_color": "A6A6A6", "num_format": "@"},
    "answer": {**_GRID, "bg_color": "FFFBE6", "text_wrap": True, "locked": False},
    "answer_date": {**_MID, "bg_color": "FFFBE6", "num_format": "yyyy-mm-dd", "locked": False},
    "int": {**_GRID, "num_format": "#,##0"},
    "int_bold": {**_GRID, "num_format": "#,##0", "bold": True, "bg_color": "F2F2F2"},
    "text_bold": {**_GRID, "bold": True, "bg_color": "F2F2F2"},
    "pct": {**_GRID, "num_format": '0.00"%"'},
    "number": {**_GRID, "num_format": "#,##0.00"},
    "signed": {**_GRID, "num_format": "+#,##0.00;-#,##0.00;0"},
    "date": {**_MID, "num_format": "yyyy-mm-dd"},
    "time": {**_MID, "num_format": "mm-dd hh:mm"},
    "new": {**_MID, "bold": True, "font_color": "1F4E9E"},
    "red": {**_MID, "bold": True, "bg_color": "A61C1C", "font_color": "FFFFFF"},
    "orange": {**_MID, "bold": True, "bg_color": "F4A65C"},
    "yellow": {**_MID, "bg_color": "FFF2CC"},
    "green": {**_MID, "bg_color": "E9F5E1", "font_color": "375623"},
    "unlit": {**_MID, "font_color": "7F7F7F"},
    "none": {**_MID, "font_color": "7F7F7F", "italic": True},
}


@dataclass(frozen=True)
class Column:
    """A column of a table: its heading, width in characters and the style of its cells."""

    label: str
    width: float
    style: str = "text"
    header: str = "header"


@dataclass(frozen=True)
class Styled:
    """A value that does not look like the rest of its column."""

    value: Value
    style: str


class Book:
    """An XLSX file being written, row after row, in bounded memory.

    The same calls give the same bytes: the only date inside is the business date.
    """

    def __init__(self, path: Path, title: str, business_date: dt.date, footer: str) -> None:
        import xlsxwriter

        self.workbook = xlsxwriter.Workbook(
            str(path),
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "nan_inf_to_errors": True,
            },
        )
        created = dt.datetime.combine(business_date, dt.time(6))
        self.workbook.set_properties({"title": title, "created": created, "author": "", "comments": ""})
        self._footer = footer
        self._styles: dict[str, Any] = {}
        self._indices: dict[str, int] = {}

    def style(self, name: str) -> Any:
        """The xlsxwriter format called `name`; made once."""
        if name not in self._styles:
            self._styles[name] = self.workbook.add_format(STYLES[name])
        return self._styles[name]

    def sheet(self, name: str, columns: Sequence[float], *, colour: str | None = None) -> Any:
        """A new A4 landscape worksheet with column widths, page numbers and narrow margins."""
        sheet = self.workbook.add_worksheet(name)
        for number, width in enumerate(columns):
            sheet.set_column(number, number, width)
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        # the space ends the font size: a sheet called 1+7+5+N would else be printed in size 81
        sheet.set_footer(f"&L&8 {_escape(self._footer)}&R&8 {_escape(name)}  &P / &N")
        if colour:
            sheet.set_tab_color("#" + colour)
        return sheet

    def index(self, name: str) -> int:
        """The number of a style in the file."""
        if name not in self._indices:
            self._indices[name] = self.style(name)._get_xf_index()
        return self._indices[name]

    def line(
        self, sheet: Any, row: int, text: str, style: str, columns: Sequence[float], *, height: float = 18
    ) -> None:
        """One text across all columns, as high as its wrapped lines need."""
        look = self.style(style)
        sheet.set_row(row, max(height, _ROW * lines_of(text, int(sum(columns)) - 4) + 4))
        if len(columns) > 1:
            sheet.merge_range(row, 0, row, len(columns) - 1, "", look)
        sheet.write_string(row, 0, text, look)

    def header(self, sheet: Any, row: int, columns: Sequence[Column]) -> None:
        """A table's heading row."""
        sheet.set_row(row, 30)
        for number, column in enumerate(columns):
            sheet.write_string(row, number, column.label, self.style(column.header))

    def rows(
        self, sheet: Any, row: int, columns: Sequence[Column], rows: Iterable[Sequence[Value | Styled]]
    ) -> int:
        """Writes rows below each other and returns the number of the next free row."""
        styles = [self.index(column.style) for column in columns]
        wrapping = [(n, int(c.width * 0.95) - _INDENT) for n, c in enumerate(columns) if c.style in _WRAPPING]
        writer = RowWriter(sheet, len(columns))
        for cells in rows:
            values: list[Value] = []
            looks = styles
            for number, cell in enumerate(cells):
                if isinstance(cell, Styled):
                    looks = list(styles) if looks is styles else looks
                    looks[number] = self.index(cell.style)
                    values.append(cell.value)
                else:
                    values.append(cell)
            lines = max((lines_of(str(values[n]), width) for n, width in wrapping if values[n]), default=1)
            writer.write(row, _ROW * lines + 4, values, looks)
            row += 1
        return row

    def list_sheet(
        self,
        name: str,
        title: str,
        notes: Sequence[str],
        columns: Sequence[Column],
        rows: Iterable[Sequence[Value | Styled]],
        *,
        freeze: int = 0,
        colour: str | None = None,
        empty: str = "",
        printed: int | None = None,
    ) -> tuple[Any, int, int]:
        """A sheet that is one filterable table below its title.

        `freeze` columns stay in sight; `printed` columns go to paper (default: all).

        Returns:
            the worksheet, the first row of data and the row after the last.
        """
        widths = [column.width for column in columns]
        sheet = self.sheet(name, widths, colour=colour)
        sheet.set_row(0, 28)
        sheet.write_string(0, 0, title, self.style("title"))
        top = 1
        for note in notes:
            self._note(sheet, top, note, widths)
            top += 1
        self.header(sheet, top, columns)
        end = self.rows(sheet, top + 1, columns, rows)
        if end == top + 1:
            sheet.write_string(end, 0, empty, self.style("small"))
        sheet.autofilter(top, 0, max(end - 1, top + 1), len(columns) - 1)
        sheet.freeze_panes(top + 1, freeze)
        sheet.repeat_rows(top)
        sheet.print_area(0, 0, max(end - 1, top + 1), (printed or len(columns)) - 1)
        return sheet, top + 1, end

    def _note(self, sheet: Any, row: int, text: str, widths: Sequence[float]) -> None:
        """A note that stays within the first columns, so that it is read without scrolling."""
        reach, total = 0, 0.0
        while reach < len(widths) and total < 120:
            total += widths[reach]
            reach += 1
        self.line(sheet, row, text, "small", widths[:reach])

    def close(self) -> None:
        """Finishes the file."""
        self.workbook.close()


def _escape(text: str) -> str:
    return text.replace("&", "&&")


def sheet_name(text: str) -> str:
    """A text as the name of a worksheet: no forbidden character, at most 31 long."""
    return "".join("-" if char in "[]:*?/\\" else char for char in text)[:31].strip("'")

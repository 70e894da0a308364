"""New workbooks in the looks of a template: pages of text, tables, drop-downs."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any, Protocol

from xianjie.workbooks.sheets import column_letters
from xianjie.workbooks.template import Page, Template

_LONGEST_MESSAGE = 255
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


class Wardrobe:
    """An XLSX file being written in constant memory, dressed from a template; no text becomes a formula or link.

    `more` adds properties that are the writer's to decide (locked, text format) to looks of the template. The only
    date inside is the one given, so that the same calls give the same bytes.
    """

    def __init__(
        self, path: Path, template: Template, title: str, on: dt.date, more: Mapping[str, Mapping[str, Any]]
    ) -> None:
        import xlsxwriter

        self.template = template
        self.workbook = xlsxwriter.Workbook(
            str(path),
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
        created = dt.datetime.combine(on, dt.time(6))
        self.workbook.set_properties({"title": title, "created": created, "author": "", "comments": ""})
        self._more = more
        self._looks: dict[str, Any] = {}
        self._inline: dict[tuple[tuple[str, Any], ...], Any] = {}

    def look(self, name: str) -> Any:
        """The format of a template's look; made once."""
        if name not in self._looks:
            properties = {**self.template.look(name), **self._more.get(name, {})}
            self._looks[name] = self.workbook.add_format(properties)
        return self._looks[name]

    def index(self, name: str) -> int:
        """The number of a look in the file."""
        return int(self.look(name)._get_xf_index())

    def bare(self, *, locked: bool) -> Any:
        """The format of cells that are not written: text, without any look."""
        return self.inline({"locked": locked, "num_format": "@"})

    def inline(self, properties: Mapping[str, Any]) -> Any:
        """The format of a cell of a template's page; equal ones are one."""
        known = tuple(sorted(properties.items()))
        if known not in self._inline:
            self._inline[known] = self.workbook.add_format(dict(properties))
        return self._inline[known]

    def said(self, look: str, values: Mapping[str, str]) -> str:
        """The text of the cell a look was taken from, with its placeholders filled in."""
        sheet, row, column = self.template.place(look)
        cells = self.template.pages[sheet].texts
        return next((filled(c.text, values) for c in cells if (c.row, c.column) == (row, column)), "")

    def sheet(self, name: str, page: str) -> Any:
        """A new A4 landscape sheet with a page's tab colour and logo."""
        sheet = self.workbook.add_worksheet(name)
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.set_footer("&R&8&P / &N")
        like = self.template.pages.get(page)
        if like is not None and like.tab_colour:
            sheet.set_tab_color("#" + like.tab_colour)
        if like is not None:
            _hang(sheet, like)
        return sheet

    def close(self) -> None:
        """Finishes the file."""
        self.workbook.close()


def write_page(wardrobe: Wardrobe, name: str, values: Mapping[str, str]) -> tuple[Any, int]:
    """Writes a template's page with its placeholders filled in, down to where its list begins.

    Returns:
        the sheet, and the row (0-based) the list's heading goes into.
    """
    page = wardrobe.template.pages[name]
    end = wardrobe.template.place("list_header")[1]
    sheet = wardrobe.sheet(name, name)
    for column, width in page.widths.items():
        sheet.set_column(column, column, width)
    corners = {(area[0], area[1]): area for area in page.merged}
    covered = {
        (row, column)
        for area in page.merged
        for row in range(area[0], area[2] + 1)
        for column in range(area[1], area[3] + 1)
    } - corners.keys()
    for row, height in page.heights.items():
        if row < end:
            sheet.set_row(row, height)
    for text in sorted(page.texts, key=lambda each: (each.row, each.column)):
        if text.row >= end or (text.row, text.column) in covered:
            continue
        look, said = wardrobe.inline(text.look), filled(text.text, values)
        if area := corners.get((text.row, text.column)):
            sheet.merge_range(*area, "", look)
        sheet.write_string(text.row, text.column, said, look)
    return sheet, end


def filled(text: str, values: Mapping[str, str]) -> str:
    """A template's text with its ``{placeholders}`` filled in; unknown ones stay, values are never parsed."""
    return _PLACEHOLDER.sub(lambda match: values.get(match[1], match[0]), text)


def _hang(sheet: Any, page: Page) -> None:
    """Puts a page's logo where it hangs in the template, as large as it is there."""
    if page.picture is None:
        return
    from xlsxwriter.image import Image

    picture = page.picture
    own = Image(BytesIO(picture.data))
    options = {
        "image_data": BytesIO(picture.data),
        "object_position": 3,
        "x_scale": picture.width / (own.width * 96 / own.x_dpi),
        "y_scale": picture.height / (own.height * 96 / own.y_dpi),
    }
    sheet.insert_image(picture.row, picture.column, "logo", options)


class Offered(Protocol):
    """What `restrict` needs to know of a field that is filled in by hand."""

    @property
    def choices(self) -> tuple[str, ...]:
        """What the drop-down offers."""

    @property
    def hint(self) -> str:
        """What is said while typing."""

    @property
    def check(self) -> str | None:
        """A condition with ``{cell}``."""

    @property
    def label(self) -> str:
        """The column's name."""

    @property
    def is_strict(self) -> bool:
        """Whether nothing but a choice is taken."""


def restrict(sheet: Any, area: tuple[int, int, int, int], offered: Offered, source: str | None) -> None:
    """Puts a drop-down or a check, and what is said while typing, on the cells of an area."""
    options: dict[str, Any] = {
        "input_title": offered.label[:32],
        "input_message": offered.hint[:_LONGEST_MESSAGE],
        "error_title": offered.label[:32],
        "error_type": "warning",
        "error_message": f"可能不对：{offered.hint}"[:_LONGEST_MESSAGE],
    }
    if source:
        options |= {"validate": "list", "source": source}
        if offered.is_strict:
            options |= {"error_type": "stop", "error_message": "请从下拉列表里选。"}
    elif offered.check:
        cell = f"{column_letters(area[1])}{area[0] + 1}"
        options |= {"validate": "custom", "value": "=" + offered.check.replace("{cell}", cell)}
    else:
        options |= {"validate": "any"}
    sheet.data_validation(*area, options)

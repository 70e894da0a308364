"""A workbook as a style sheet (样板): looks, widths, texts and a logo, read from an .xlsx that people restyle.

A look is any cell that a defined name points to: ``style_header``, ``style_answer`` …; change its font, fill,
borders or alignment in Excel, WPS or LibreOffice, save, and what is written from then on looks like it.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from xianjie.errors import XianjieError
from xianjie.workbooks.colours import Palette

_PREFIX = "style_"
_EMU_PER_PIXEL = 9525


class TemplateError(XianjieError):
    """A template lacks a name that the writer needs, or cannot be read."""

    code = "XJ-904"


@dataclass(frozen=True)
class Picture:
    """A logo: the row and column it hangs on (0-based), its bytes, its size on the sheet in pixels."""

    row: int
    column: int
    data: bytes
    width: int
    height: int


@dataclass(frozen=True)
class Text:
    """A cell of a template's page: its place (0-based), text and look."""

    row: int
    column: int
    text: str
    look: Mapping[str, Any]


@dataclass(frozen=True)
class Page:
    """One sheet of a template, to be written again with its placeholders filled in.

    Widths are in characters by column, heights in points by row; merged ranges are (row, column, row, column).
    """

    name: str
    texts: tuple[Text, ...]
    widths: Mapping[int, float]
    heights: Mapping[int, float]
    merged: tuple[tuple[int, int, int, int], ...]
    picture: Picture | None
    tab_colour: str | None


@dataclass(frozen=True)
class Template:
    """A template: `looks` are XlsxWriter format properties by name, `places` (sheet, row, column) by name."""

    file: str
    pages: Mapping[str, Page]
    looks: Mapping[str, Mapping[str, Any]]
    places: Mapping[str, tuple[str, int, int]]

    def look(self, name: str) -> Mapping[str, Any]:
        """The look called ``style_<name>``; `TemplateError` when the template has lost it."""
        self.place(name)
        return self.looks[name]

    def place(self, name: str) -> tuple[str, int, int]:
        """Sheet, row and column (0-based) of the cell that ``style_<name>`` points to."""
        if name not in self.looks:
            raise TemplateError(
                f"样板 {self.file} 缺少名称 {_PREFIX}{name}", next_command="git diff include/templates"
            )
        return self.places[_PREFIX + name]

    def width(self, name: str) -> float:
        """The width of the column that the cell of a look stands in, in characters."""
        sheet, _, column = self.place(name)
        return self.pages[sheet].widths.get(column, 12.0)

    def height(self, name: str) -> float:
        """The height of the row that the cell of a look stands in, in points."""
        sheet, row, _ = self.place(name)
        return self.pages[sheet].heights.get(row, 15.0)


def read_template(path: Path) -> Template:
    """Reads a template.

    Raises:
        TemplateError: the file is missing or no workbook.
    """
    import openpyxl

    try:
        book = openpyxl.load_workbook(path)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        raise TemplateError(
            f"样板 {path.name} 读不出来", next_command="git checkout include/templates"
        ) from None
    palette = Palette(book.loaded_theme)
    pictures = _pictures(path)
    pages = {sheet.title: _page(sheet, palette, pictures.get(place)) for place, sheet in enumerate(book)}
    places = {
        name: place
        for name, defined in book.defined_names.items()
        if (place := _place(str(defined.attr_text))) is not None and place[0] in pages
    }
    looks = {
        name.removeprefix(_PREFIX): _look(book[sheet].cell(row + 1, column + 1), palette)
        for name, (sheet, row, column) in places.items()
        if name.startswith(_PREFIX)
    }
    return Template(path.name, pages, looks, places)


def _place(reference: str) -> tuple[str, int, int] | None:
    match = re.fullmatch(r"'?([^'!]+)'?!\$([A-Z]+)\$(\d+)(?::.*)?", reference)
    if match is None:
        return None
    column = 0
    for letter in match[2]:
        column = column * 26 + ord(letter) - 64
    return match[1], int(match[3]) - 1, column - 1


def _page(sheet: Any, palette: Palette, picture: Picture | None) -> Page:
    from openpyxl.utils import column_index_from_string

    texts = tuple(
        Text(cell.row - 1, cell.column - 1, "" if cell.value is None else str(cell.value), _look(cell, palette))
        for row in sheet.iter_rows()
        for cell in row
        if type(cell).__name__ == "Cell" and (cell.value is not None or cell.has_style)
    )
    widths: dict[int, float] = {}
    for letters, column in sheet.column_dimensions.items():
        first = column_index_from_string(letters) - 1
        for number in range(first, max(first + 1, int(column.max or 0))):
            widths[number] = column.width
    heights = {number - 1: row.height for number, row in sheet.row_dimensions.items() if row.height}
    merged = tuple((m.min_row - 1, m.min_col - 1, m.max_row - 1, m.max_col - 1) for m in sheet.merged_cells.ranges)
    tab = sheet.sheet_properties.tabColor
    return Page(sheet.title, texts, widths, heights, merged, picture, palette.of(tab) if tab else None)


def _look(cell: Any, palette: Palette) -> dict[str, Any]:
    """A cell's look as XlsxWriter's format properties."""
    font, fill, align = cell.font, cell.fill, cell.alignment
    found: dict[str, Any] = {
        "font_name": font.name,
        "font_size": font.size,
        "bold": font.bold,
        "italic": font.italic,
        "underline": 1 if font.underline else None,
        "font_strikeout": font.strike,
        "font_color": palette.of(font.color),
        "bg_color": palette.of(fill.fgColor) if fill.fill_type == "solid" else None,
        "align": align.horizontal if align.horizontal not in (None, "general") else None,
        "valign": {"center": "vcenter", "top": "top", "bottom": "bottom"}.get(align.vertical or ""),
        "text_wrap": align.wrap_text,
        "indent": int(align.indent) if align.indent else None,
        "shrink": align.shrink_to_fit,
        "num_format": cell.number_format if cell.number_format != "General" else None,
    }
    for side in ("left", "right", "top", "bottom"):
        line = getattr(cell.border, side)
        if line is not None and line.style:
            found[side] = _LINES.get(line.style, 1)
            found[f"{side}_color"] = palette.of(line.color)
    return {name: value for name, value in found.items() if value not in (None, False)}


_LINES = {
    "thin": 1, "medium": 2, "dashed": 3, "dotted": 4, "thick": 5, "double": 6, "hair": 7, "mediumDashed": 8,
    "dashDot": 9, "mediumDashDot": 10, "dashDotDot": 11, "mediumDashDotDot": 12, "slantDashDot": 13,
}  # fmt: skip


def _pictures(path: Path) -> dict[int, Picture]:
    """The first picture of each sheet, by the sheet's place; read from the parts, which needs no image library."""
    found: dict[int, Picture] = {}
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        order = _targets(archive, "xl/workbook.xml", "worksheet")
        for place, sheet in enumerate(order):
            for drawing in _targets(archive, sheet, "drawing") if sheet in names else ():
                picture = _picture(archive, drawing)
                if picture is not None:
                    found[place] = picture
    return found


def _picture(archive: zipfile.ZipFile, drawing: str) -> Picture | None:
    root = ElementTree.fromstring(archive.read(drawing))  # noqa: S314 - our own template
    images = _targets(archive, drawing, "image")
    anchor = next((each for each in root if each.find(".//{*}blip") is not None), None)
    size = anchor.find(".//{*}xfrm/{*}ext") if anchor is not None else None
    start = anchor.find("{*}from") if anchor is not None else None
    if anchor is None or size is None or start is None or not images:
        return None
    return Picture(
        row=int(start.findtext("{*}row", "0")),
        column=int(start.findtext("{*}col", "0")),
        data=archive.read(images[0]),
        width=int(size.get("cx", "0")) // _EMU_PER_PIXEL,
        height=int(size.get("cy", "0")) // _EMU_PER_PIXEL,
    )


def _targets(archive: zipfile.ZipFile, part: str, kind: str) -> list[str]:
    """The parts of a kind that a part refers to; sheets in the order of their tabs."""
    folder, name = posixpath.split(part)
    relations = f"{folder}/_rels/{name}.rels"
    if relations not in archive.namelist():
        return []
    by_id = {
        each.get("Id", ""): posixpath.normpath(posixpath.join("/", folder, each.get("Target", "")))[1:]
        for each in ElementTree.fromstring(archive.read(relations))  # noqa: S314 - our own template
        if each.get("Type", "").endswith("/" + kind)
    }
    if kind != "worksheet":
        return list(by_id.values())
    root = ElementTree.fromstring(archive.read(part))  # noqa: S314 - our own template
    ids = [value for sheet in root.findall(".//{*}sheet") for key, value in sheet.attrib.items() if key.endswith("}id")]
    return [by_id[each] for each in ids if each in by_id]

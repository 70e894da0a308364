"""The sheet that drop-downs take long lists from: a column a list, its name on top."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import zip_longest

from xianjie.workbooks.dress import Wardrobe
from xianjie.workbooks.sheets import column_letters


def reference(sheet: str, place: int, length: int) -> str:
    """The cells of the list in column `place` (0-based), as a spreadsheet formula."""
    letters = column_letters(place)
    return f"='{sheet}'!${letters}$2:${letters}${length + 1}"


def write(
    wardrobe: Wardrobe, name: str, lists: Mapping[str, tuple[str, ...]], *, is_hidden: bool = True
) -> None:
    """Writes the lists, for drop-downs alone or also to be read."""
    sheet = wardrobe.workbook.add_worksheet(name)
    for column, (title, texts) in enumerate(lists.items()):
        sheet.set_column(column, column, min(40, 2 + 2 * max(map(len, (title, *texts)))))
        sheet.write_string(0, column, title, None if is_hidden else wardrobe.look("list_header"))
    for row, line in enumerate(zip_longest(*lists.values()), start=1):
        for column, text in enumerate(line):
            if text is not None:
                sheet.write_string(row, column, text)
    if is_hidden:
        sheet.hide()
    sheet.freeze_panes(1, 0)
    sheet.protect()

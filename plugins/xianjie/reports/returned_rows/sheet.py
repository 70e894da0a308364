"""One sheet of returned rows: a dataset's, with the delivered values and the cells to answer in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from xianjie.contract.entry import Entry
from xianjie.contract.model import Contract
from xianjie.reports.book import sheet_name
from xianjie.reports.lists import numbered
from xianjie.reports.model import ReturnedRow, ReturnedSheet
from xianjie.reports.returned_rows.columns import FIXED, FROZEN, SheetColumn
from xianjie.reports.returned_rows.items import texts_of
from xianjie.reports.returned_rows.layout import DECISION, DECISIONS, SheetMark, row_seal
from xianjie.reports.rows import RowWriter, Value
from xianjie.reports.words import words
from xianjie.workbooks.dress import Wardrobe, restrict
from xianjie.workbooks.heights import lines_of

PROTECTION = {
    "select_locked_cells": True, "select_unlocked_cells": True, "format_columns": True, "format_rows": True,
    "autofilter": True, "sort": True, "delete_rows": True,
}  # fmt: skip
_MACHINE_ROW, _HEADING_ROW, _FIRST_ROW = 2, 3, 4
_LINE = 15.0  # points a line of text takes
_TALLEST = 300.0
_HINT = "更正：写上正确的值；情况属实：在“说明”里写依据；作废：这一行不该报。拿不准就空着。"
_CHOOSE = "请从列表里选，或清空。"


def name_of(sheet: ReturnedSheet) -> str:
    """The worksheet's name."""
    return sheet_name(f"退回 {sheet.code}")


@dataclass(frozen=True)
class DatasetSheet:
    """What one sheet is made of; `list_of` tells where a field's choices stand."""

    wardrobe: Wardrobe
    returned: ReturnedSheet
    contract: Contract
    columns: tuple[SheetColumn, ...]
    mark: SheetMark
    key: bytes
    list_of: Callable[[Entry], str | None]

    def write(self) -> None:
        """Writes the sheet."""
        sheet = self.wardrobe.sheet(name_of(self.returned), "数据")
        self._columns(sheet)
        self._heads(sheet)
        end = self._rows(sheet)
        self._offers(sheet, end)
        sheet.autofilter(_HEADING_ROW, 0, end - 1, len(self.columns) - 1)
        sheet.freeze_panes(_FIRST_ROW, FROZEN)
        sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{end}"})
        sheet.repeat_rows(_HEADING_ROW)
        sheet.protect("", PROTECTION)

    def _columns(self, sheet: Any) -> None:
        """Widths and locks; what has no problem tonight is folded away, and its empty cells need no writing."""
        shut, unlocked = self.wardrobe.bare(locked=True), self.wardrobe.bare(locked=False)
        for place, column in enumerate(self.columns):
            options: dict[str, Any] = {}
            if column.role == "handle":
                options = {"hidden": True}
            elif not column.is_shown:
                options = {"level": 1, "hidden": True}
            elif place and not self.columns[place - 1].is_shown:
                options = {"collapsed": True}
            width = self.wardrobe.template.width(column.look)
            sheet.set_column(place, place, width, unlocked if column.is_open else shut, options)

    def _heads(self, sheet: Any) -> None:
        """Title, note, the hidden row for machines, the headings."""
        said = {
            "title": self.returned.title,
            "code": self.returned.code,
            "rows": f"{len(self.returned.rows):,}",
            "liaison": "、".join(filter(None, (self.contract.owner, self.contract.liaison))) or "—",
        }
        template, look = self.wardrobe.template, self.wardrobe.look
        for row, name in enumerate(("title", "note")):
            sheet.set_row(row, template.height(name))
            sheet.write_string(row, 0, self.wardrobe.said(name, said), look(name))
        sheet.set_row(_MACHINE_ROW, None, None, {"hidden": True})
        for place, column in enumerate(self.columns):
            sheet.write_string(_MACHINE_ROW, place, column.machine or self.mark.text(self.key))
        sheet.set_row(_HEADING_ROW, template.height("header"))
        for place, column in enumerate(self.columns):
            sheet.write_string(_HEADING_ROW, place, column.heading, look(column.header))

    def _rows(self, sheet: Any) -> int:
        """The rows; returns the number of the row after the last."""
        names = [field.name for field in self.contract.fields]
        place_of = {name: len(FIXED) + 2 * place for place, name in enumerate(names)}
        index = self.wardrobe.index
        usual = [index(column.look) for column in self.columns]
        marked = (index("original_problem"), index("answer_problem"))
        texts = texts_of(self.contract, self.returned.rows, words("zh")("returned.withheld"))
        keys = [names.index(name) for name in self.contract.key]
        writer, blank = RowWriter(sheet, len(self.columns)), ("",) * len(names)
        framed = [column.is_shown for column in self.columns]
        row = _FIRST_ROW
        for number, item in enumerate(self.returned.rows, start=1):
            mine = texts.get(item.row_id, blank)
            values: list[Value] = [number, *_said(item), None, None]
            for text in mine:
                values += (text or None, None)
            handles = (item.row_id, item.row_hash, item.contract_version)
            values += (*handles, row_seal(self.key, self.mark, handles, [mine[place] for place in keys]))
            looks: list[int | None] = [
                look if frame or value is not None else None
                for look, frame, value in zip(usual, framed, values, strict=True)
            ]
            for name in item.bad_fields & place_of.keys():
                looks[place_of[name] : place_of[name] + 2] = marked
            writer.write(row, self._height(values), values, looks)
            row += 1
        return row

    def _height(self, values: list[Value]) -> float:
        """High enough for problem and mend; constant-memory files have no automatic height."""
        template = self.wardrobe.template
        lines = max(lines_of(str(values[place]), int(template.width(FIXED[place][1]))) for place in (1, 2))
        return min(_TALLEST, _LINE * max(2, lines) + 4)

    def _offers(self, sheet: Any, end: int) -> None:
        """Drop-downs and checks on the answer columns, whole columns at a time."""
        for place, column in enumerate(self.columns):
            area = (_FIRST_ROW, place, end - 1, place)
            if column.machine == DECISION:
                options = {"validate": "list", "source": list(DECISIONS), "error_type": "stop"}
                said = {"input_title": column.heading, "input_message": _HINT, "error_message": _CHOOSE}
                sheet.data_validation(*area, {**options, **said})
            elif column.role == "answer" and column.entry is not None:
                restrict(sheet, area, column.entry, self.list_of(column.entry))


def _said(item: ReturnedRow) -> Iterator[str]:
    """Problem, mend, since when and how often, where it came from."""
    yield numbered([problem.title for problem in item.problems])
    yield numbered(list(dict.fromkeys(problem.fix for problem in item.problems)))
    yield f"{item.first_opened_on or item.opened_on}\n第 {item.attempt} 次"
    yield f"{item.source_file}\n第 {item.source_line} 行" if item.source_line else item.source_file

"""One row of a filled-in workbook: who it is, whether anything was answered, and whether it can be taken."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from xianjie.contract.entry import Entry
from xianjie.contract.model import Contract
from xianjie.reports.returned_rows.layout import (
    DECISION,
    DECISIONS,
    HANDLES,
    REASON,
    ROW_HASH,
    ROW_ID,
    SEAL,
    VERSION,
    SheetMark,
    answer,
    original,
    row_seal,
)
from xianjie.returns.filled_cell import CellFault, value_of
from xianjie.returns.model import Answer, Decision, Remark
from xianjie.workbooks.sheets import Cell, Row, column_letters

Area = tuple[int, int, int, int]
Fault = tuple[str, str, str | None]  # code, Chinese sentence, machine name of the column
_DECISIONS: Mapping[str, Decision] = {"更正": "correct", "情况属实": "waive", "作废": "void"}
assert dict(_DECISIONS) == DECISIONS
_NO_ID: Fault = ("row_added", "这一行没有系统标识（新增的行，或标识被删），没有采用。", None)
_TAMPERED: Fault = (
    "tampered",
    "行的系统标识与这一行的内容对不上（标识或原值被移动、改动），没有采用；请在原工作簿的这一行重新填写。",
    None,
)


@dataclass(frozen=True)
class FilledRow:
    """What was found in a row; `answer` is None when nothing was answered or something cannot be taken."""

    row_id: uuid.UUID | None
    answer: Answer | None
    remarks: tuple[Remark, ...]


@dataclass(frozen=True)
class RowReader:
    """Reads the rows of one sheet.

    `columns` maps machine names to places (0-based), `merged` are the sheet's merged ranges.
    """

    sheet: str
    mark: SheetMark
    contract: Contract
    entries: Mapping[str, Entry]
    columns: Mapping[str, int]
    merged: tuple[Area, ...]
    key: bytes

    def text(self, row: Row, name: str) -> str:
        """The text in a machine column; empty when there is none."""
        cell = self._cell(row, name)
        return cell.text.strip() if cell is not None else ""

    def remarks_of_the_sheet(self) -> Iterator[Remark]:
        """Columns without which nothing can be matched or answered."""
        if missing := [name for name in (*HANDLES, DECISION) if name not in self.columns]:
            text = f"缺少 {len(missing)} 个系统列（被删除或改动），这张表里的行没有采用；请用原工作簿填写。"
            yield Remark("columns_missing", text, self.sheet)

    def read(self, row: Row) -> FilledRow:
        """What a row says."""
        typed = {name: cell for name in self.entries if (cell := self._cell(row, answer(name))) is not None}
        decision, reason = self._cell(row, DECISION), self.text(row, REASON)
        is_touched = bool(typed or decision or reason or self._merged_cells(row.line))
        row_id = _uuid(self.text(row, ROW_ID))
        if row_id is None:
            return FilledRow(None, None, self._remarks(row, [_NO_ID] if is_touched else []))
        if not is_touched:
            return FilledRow(row_id, None, ())
        faults: list[Fault] = list(self._faults_of_identity(row))
        values: dict[str, str] = {}
        for name, cell in typed.items():
            try:
                values[name] = value_of(self.entries[name], cell, self.mark.business_date)
            except CellFault as fault:
                faults.append((fault.code, fault.text, answer(name)))
        chosen = self._decision(decision, values, reason, faults)
        if faults or chosen is None:
            return FilledRow(row_id, None, self._remarks(row, faults))
        found = Answer(
            row_id=row_id,
            department=self.mark.department,
            dataset=self.mark.dataset,
            contract_version=self.text(row, VERSION),
            decision=chosen,
            values=values,
            reason=reason,
            sheet=self.sheet,
            line=row.line,
        )
        return FilledRow(row_id, found, ())

    def _faults_of_identity(self, row: Row) -> Iterator[Fault]:
        handles = [self.text(row, name) for name in (ROW_ID, ROW_HASH, VERSION)]
        shown = [self.text(row, original(name)) for name in self.contract.key]
        if row_seal(self.key, self.mark, handles, shown) != self.text(row, SEAL):
            yield _TAMPERED
        for column in self._merged_cells(row.line):
            yield "merged", "填写格被合并，分不清是哪一行、哪一列的内容；请取消合并后重新填写。", column

    def _merged_cells(self, line: int) -> list[str]:
        """Answer columns of a row that a merged range covers."""
        areas = [area for area in self.merged if area[0] <= line <= area[2]]
        if not areas:
            return []
        names = [DECISION, REASON, *(answer(name) for name in self.entries)]
        return [
            name
            for name in names
            if (place := self.columns.get(name)) is not None
            and any(area[1] <= place <= area[3] for area in areas)
        ]

    def _decision(
        self,
        cell: Cell | None,
        values: Mapping[str, str],
        reason: str,
        faults: list[Fault],
    ) -> Decision | None:
        """What the office decided; an answered cell alone means that it corrects. Adds what contradicts itself."""
        text = cell.text.strip() if cell is not None else ""
        if cell is not None and (cell.is_formula or cell.kind == "error"):
            faults.append(("formula", "处理方式是公式，请从列表里选。", DECISION))
            return None
        if text and text not in _DECISIONS:
            faults.append(("decision", "处理方式不在列表内，请选“更正”“情况属实”或“作废”。", DECISION))
            return None
        if not text and not values:
            if reason and not faults:
                faults.append(("decision_missing", "写了说明，但没有选处理方式，也没有填更正值。", DECISION))
            return None
        decision = _DECISIONS[text or "更正"]
        if decision == "correct" and not values and not faults:
            faults.append(("nothing_corrected", "选了“更正”，但没有在“改为”格里填写任何内容。", None))
        if decision == "waive" and not reason:
            faults.append(("reason_missing", "选了“情况属实”，请在“说明”里写清依据。", REASON))
        if decision != "correct" and values:
            faults.append(
                ("contradiction", f"选了“{text}”，又填了更正值，分不清以哪个为准；请只留一种。", DECISION)
            )
        return decision

    def _remarks(self, row: Row, faults: list[Fault]) -> tuple[Remark, ...]:
        return tuple(
            Remark(code, self._named(text, name), self.sheet, row.line, self._letters(name))
            for code, text, name in faults
        )

    def _named(self, text: str, name: str | None) -> str:
        entry = self.entries.get((name or "").removeprefix("answer:"))
        return f"「{entry.field.label}」{text}" if entry is not None else text

    def _letters(self, name: str | None) -> str | None:
        return column_letters(self.columns[name]) if name and name in self.columns else None

    def _cell(self, row: Row, name: str) -> Cell | None:
        place = self.columns.get(name)
        cell = row.cells.get(place) if place is not None else None
        return cell if cell is not None and (cell.is_formula or cell.text.strip()) else None


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None

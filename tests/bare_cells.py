"""The one exception to masking, checked cell by cell: what ``docs/decisions/002-unmasked-cells.md`` allows.

In a returned-rows workbook of a department's own pack, a personal value may stand in the column of delivered
values of a field that is needed to find or mend that very row, and nowhere else.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl

FILE_NAME = "returned-rows.xlsx"
_MACHINE_ROW = 3


@dataclass
class Checked:
    """How many bare values stand where they may, and where they stand but may not."""

    allowed: int = 0
    rows: int = 0
    faults: list[str] = field(default_factory=list)


def check(path: Path, needed: Mapping[str, frozenset[str]], is_personal: Callable[[bytes], bool]) -> Checked:
    """Reads a workbook whole.

    Args:
        path: the workbook.
        needed: for each open item of the department (row id), the fields it may see bare.
        is_personal: whether a text holds an ID number or a name.
    """
    found = Checked()
    with zipfile.ZipFile(path) as archive:
        for member in archive.namelist():
            if not member.startswith("xl/worksheets/") and is_personal(archive.read(member)):
                found.faults.append(f"{path}!{member}")
    for sheet in openpyxl.load_workbook(path):
        names = {cell.column: str(cell.value) for cell in sheet[_MACHINE_ROW] if cell.value}
        key = next((column for column, name in names.items() if name == "@row_id"), None)
        for line in sheet.iter_rows():
            row_id = str(sheet.cell(line[0].row, key).value) if key else ""
            if key and line[0].row > _MACHINE_ROW + 1:
                found.rows += 1
                if row_id not in needed:
                    found.faults.append(f"{path}!{sheet.title} row {line[0].row}: not an item of the department")
            for cell in line:
                if cell.value is None or not is_personal(str(cell.value).encode()):
                    continue
                name = names.get(cell.column, "")
                if name.removeprefix("original:") in needed.get(row_id, frozenset()) and ":" in name:
                    found.allowed += 1
                else:
                    found.faults.append(f"{path}!{sheet.title} {cell.coordinate}")
    return found

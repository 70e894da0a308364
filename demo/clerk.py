"""The scripted clerk (办事员): fills in a workbook of returned rows as it was handed out, and is not always right.

Like a person she goes by what she sees: the problem, the delivered values, the columns to fill in. What it should have
said she looks up in her own records, the clean county of that evening: of those with the key and the name that stand
in the row, the one that all other columns fit best. Of a workbook's rows she fixes most, leaves some for another day
(first those she cannot find) and gets some wrong again; rows delivered twice she strikes out.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import duckdb
import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from demo.book import contract as contract_of
from xianjie.contract.model import Contract, FieldKind, FieldType
from xianjie.contract.typing_text import as_compared
from xianjie.privacy import mask_name

Telling = tuple[str, ...]  # the key and the name of a row, as the workbook shows them
Record = dict[str, tuple[str | None, str | None]]  # each field as held and as it should be
Act = Literal["fixed", "broken", "left", "struck"]
MARKER, ROW_ID, DECISION, REASON = "xianjie.returned-rows/", "@row_id", "@decision", "@reason"
_REPEATED, _EMPTY = "整行重复报送", "清空"
_WRONG = {
    FieldType.INTEGER: "很多",
    FieldType.DECIMAL: "大约两千",
    FieldType.DATE: "2026年2月31日",
    FieldType.MONTH: "去年秋天",
    FieldType.BOOLEAN: "也许",
    FieldType.STRING: "还是不清楚",
}


@dataclass(frozen=True)
class Done:
    """What the clerk did with one row."""

    row_id: str
    dataset: str
    act: Act


@dataclass(frozen=True)
class Habits:
    """Of all rows, in percent: fixed or struck out, got wrong again; the rest is left."""

    fixed: int = 80
    broken: int = 10


@dataclass
class Row:
    """A returned row as she sees it: what she would write by field, nothing when she does not find its record."""

    sheet: Worksheet
    line: int
    places: Mapping[str, int]
    contract: Contract
    row_id: str
    luck: str
    wanted: dict[str, str]
    is_repeated: bool

    @property
    def can_mend(self) -> bool:
        """Whether she knows what to write."""
        return self.is_repeated or bool(self.wanted)

    def write(self, name: str, value: str) -> None:
        """Fills in one cell."""
        self.sheet.cell(self.line, self.places[name]).value = value


def fill_in(source: Path, target: Path, night: Path, habits: Habits | None = None) -> list[Done]:
    """Fills in the workbook at `source` and saves it as `target`.

    Args:
        source: ``returned-rows.xlsx`` as it was handed out.
        target: where to save it.
        night: the folder of the evening in the demo county (``held`` and ``clean``), what the office really knows.
        habits: how reliable she is.
    """
    book = openpyxl.load_workbook(source)
    rows = [row for sheet in book.worksheets for row in _rows(sheet, night)]
    done = [
        Done(row.row_id, row.contract.id, _answer(row, act))
        for row, act in _shared_out(rows, habits or Habits())
    ]
    target.parent.mkdir(parents=True, exist_ok=True)
    book.save(target)
    return done


def acts(done: list[Done]) -> Counter[Act]:
    """How many rows of each kind."""
    return Counter(each.act for each in done)


def _rows(sheet: Worksheet, night: Path) -> Iterator[Row]:
    found = _machine_row(sheet)
    if found is None:
        return
    line, dataset, places = found
    contract = contract_of(dataset)
    records = _records(dataset, night)
    for row in range(line + 1, sheet.max_row + 1):
        row_id = str(sheet.cell(row, places[ROW_ID]).value or "")
        if row_id and row_id != ROW_ID:
            yield _read(sheet, row, places, contract, records)


def _shared_out(rows: Sequence[Row], habits: Habits) -> Iterator[tuple[Row, Act]]:
    """Each row with what she does about it: the shares hold for the workbook as a whole."""
    # A repeated row can only be struck out, which she cannot get wrong: those come first.
    drawn = sorted(rows, key=lambda row: (not row.can_mend, not row.is_repeated, row.luck))
    fixed = round(len(drawn) * habits.fixed / 100)
    broken = round(len(drawn) * habits.broken / 100)
    for place, row in enumerate(drawn):
        act: Act = "fixed" if place < fixed else "broken" if place < fixed + broken else "left"
        yield row, act if row.can_mend else "left"


def _answer(row: Row, act: Act) -> Act:
    if act == "left":
        return act
    if row.is_repeated:
        row.write(DECISION, "作废")
        row.write(REASON, "重复报送")
        return "struck"
    row.write(DECISION, "更正")
    for name, clean in row.wanted.items():
        row.write(f"answer:{name}", clean if act == "fixed" else _wrong(row.contract, name, clean))
    return act


def _machine_row(sheet: Worksheet) -> tuple[int, str, dict[str, int]] | None:
    """The line that names the columns for machines, the dataset it is about, and the column of each name."""
    for line, cells in enumerate(sheet.iter_rows(min_row=1, max_row=40), start=1):
        mark = next((str(cell.value) for cell in cells if str(cell.value or "").startswith(MARKER)), None)
        if mark:
            _, _, _, department, dataset, *_ = mark.split("|")
            places = {str(cell.value): cell.column for cell in cells if cell.value}
            return line, f"{department}.{dataset}", places
    return None


def _read(
    sheet: Worksheet,
    line: int,
    places: Mapping[str, int],
    contract: Contract,
    records: Mapping[Telling, list[Record]],
) -> Row:
    seen = {field.name: sheet.cell(line, places[f"original:{field.name}"]).value for field in contract.fields}
    telling = tuple(_seen(contract, name, seen[name]) for name in _telling(contract))
    record = _best(records.get(telling, []), seen)
    wanted = {
        name: clean or _EMPTY
        for name, (held, clean) in (record or {}).items()
        if (held or "") != (clean or "") and f"answer:{name}" in places
    }
    problem = str(sheet.cell(line, places["@problem"]).value or "") if "@problem" in places else ""
    row_id = str(sheet.cell(line, places[ROW_ID]).value)
    luck = hashlib.md5(repr((contract.id, telling)).encode(), usedforsecurity=False).hexdigest()
    return Row(sheet, line, places, contract, row_id, luck, wanted, _REPEATED in problem)


def _best(records: Sequence[Record], seen: Mapping[str, object]) -> Record | None:
    """The record that agrees with more of the row than any other; None when two do alike."""
    ranked = sorted(((_agreement(each, seen), n) for n, each in enumerate(records)), reverse=True)
    if not ranked or (len(ranked) > 1 and ranked[0][0] == ranked[1][0]):
        return None
    return records[ranked[0][1]]


def _agreement(record: Record, seen: Mapping[str, object]) -> int:
    return sum(as_compared(record[name][0]) == as_compared(value) for name, value in seen.items())


def _telling(contract: Contract) -> tuple[str, ...]:
    """What tells a row from its neighbours: its key, and the name beside it."""
    return tuple(name for name in dict.fromkeys((*contract.key, contract.subject_name)) if name)


def _wrong(contract: Contract, name: str, clean: str) -> str:
    field = contract.field(name)
    if field.kind is FieldKind.ID_NUMBER and clean != _EMPTY:
        return clean[:-1] + ("0" if clean[-1] != "0" else "1")
    if field.kind is FieldKind.NAME:
        return "　"  # a blank: looks filled in, is not
    return _WRONG[field.type]


@lru_cache(maxsize=64)
def _records(dataset: str, night: Path) -> Mapping[Telling, list[Record]]:
    """Damaged records by what tells them apart as it was delivered."""
    contract = contract_of(dataset)
    names = [field.name for field in contract.fields]
    columns = ", ".join(f"h.{name}, c.{name}" for name in names)
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"select {columns} from '{night}/held/{contract.id}.parquet' as h "
            f"join '{night}/clean/{contract.id}.parquet' as c on h._key = c._key "
            "where h._copy = 1 and h._damage is not null and not c._deleted"
        ).fetchall()
    found: dict[Telling, list[Record]] = defaultdict(list)
    for row in rows:
        record = {name: (row[2 * n], row[2 * n + 1]) for n, name in enumerate(names)}
        found[tuple(_seen(contract, name, record[name][0]) for name in _telling(contract))].append(record)
    return found


def _seen(contract: Contract, name: str, value: object) -> str:
    """A value as it can be seen in the workbook, where names are masked unless they are what is wrong."""
    text = as_compared(value)
    return (mask_name(text) or "") if contract.field(name).kind is FieldKind.NAME else text

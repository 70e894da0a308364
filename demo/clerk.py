"""The scripted clerk (办事员): fills in a workbook of returned rows as it was handed out, and is not always right.

Like a person she goes by what she sees: the problem, the delivered values, the columns to fill in. What it should have
said she looks up in her own records, the clean county of that evening, by the key and the name that stand in the row.
Most rows she fixes, some she leaves for another day, some she gets wrong again; rows delivered twice she strikes out.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import duckdb
import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from demo.book import contract as contract_of
from xianjie.contract.model import Contract, FieldKind, FieldType
from xianjie.privacy import mask_name

Act = Literal["fixed", "broken", "left", "struck"]
MARKER, ROW_ID, DECISION, REASON = "xianjie.returned-rows/", "@row_id", "@decision", "@reason"
_REPEATED = "整行重复报送"
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
    """Of the rows she can mend, in percent: fixed, got wrong again; the rest is left."""

    fixed: int = 80
    broken: int = 10


def fill_in(source: Path, target: Path, night: Path, habits: Habits | None = None) -> list[Done]:
    """Fills in the workbook at `source` and saves it as `target`.

    Args:
        source: ``returned-rows.xlsx`` as it was handed out.
        target: where to save it.
        night: the folder of the evening in the demo county (``held`` and ``clean``), what the office really knows.
        habits: how reliable she is.
    """
    book = openpyxl.load_workbook(source)
    done = [each for sheet in book.worksheets for each in _sheet(sheet, night, habits or Habits())]
    target.parent.mkdir(parents=True, exist_ok=True)
    book.save(target)
    return done


def acts(done: list[Done]) -> Counter[Act]:
    """How many rows of each kind."""
    return Counter(each.act for each in done)


def _sheet(sheet: Worksheet, night: Path, habits: Habits) -> Iterator[Done]:
    found = _machine_row(sheet)
    if found is None:
        return
    line, dataset, places = found
    contract = contract_of(dataset)
    records = _records(dataset, night)
    for row in range(line + 1, sheet.max_row + 1):
        row_id = str(sheet.cell(row, places[ROW_ID]).value or "")
        if row_id and row_id != ROW_ID:
            yield Done(row_id, dataset, _row(sheet, row, places, contract, records, habits))


def _machine_row(sheet: Worksheet) -> tuple[int, str, dict[str, int]] | None:
    """The line that names the columns for machines, the dataset it is about, and the column of each name."""
    for line, cells in enumerate(sheet.iter_rows(min_row=1, max_row=40), start=1):
        mark = next((str(cell.value) for cell in cells if str(cell.value or "").startswith(MARKER)), None)
        if mark:
            _, _, _, department, dataset, *_ = mark.split("|")
            places = {str(cell.value): cell.column for cell in cells if cell.value}
            return line, f"{department}.{dataset}", places
    return None


def _row(
    sheet: Worksheet,
    row: int,
    places: Mapping[str, int],
    contract: Contract,
    records: Mapping[tuple[str, ...], dict[str, tuple[str | None, str | None]]],
    habits: Habits,
) -> Act:
    originals = {name: sheet.cell(row, places[f"original:{name}"]).value for name in _telling(contract)}
    seen = {name: _seen(contract, name, value) for name, value in originals.items()}
    problem = str(sheet.cell(row, places["@problem"]).value or "") if "@problem" in places else ""
    luck = int(hashlib.md5(repr((contract.id, seen)).encode(), usedforsecurity=False).hexdigest(), 16) % 100
    if luck >= habits.fixed + habits.broken:
        return "left"
    if _REPEATED in problem:
        sheet.cell(row, places[DECISION]).value = "作废"
        sheet.cell(row, places[REASON]).value = "重复报送"
        return "struck"
    is_named = all(seen[name] for name in contract.key)  # half a key fits more than one record
    wanted = {
        name: clean
        for name, (held, clean) in (records.get(tuple(seen.values()), {}) if is_named else {}).items()
        if clean is not None and held != clean and f"answer:{name}" in places
    }
    if not wanted:
        return "left"
    act: Act = "fixed" if luck < habits.fixed else "broken"
    sheet.cell(row, places[DECISION]).value = "更正"
    for name, clean in wanted.items():
        sheet.cell(row, places[f"answer:{name}"]).value = clean if act == "fixed" else _wrong(contract, name, clean)
    return act


def _telling(contract: Contract) -> tuple[str, ...]:
    """What tells a row from its neighbours: its key, and the name beside it."""
    return tuple(name for name in dict.fromkeys((*contract.key, contract.subject_name)) if name)


def _wrong(contract: Contract, name: str, clean: str) -> str:
    field = contract.field(name)
    if field.kind is FieldKind.ID_NUMBER:
        return clean[:-1] + ("0" if clean[-1] != "0" else "1")
    if field.kind is FieldKind.NAME:
        return "　"  # a blank: looks filled in, is not
    return _WRONG[field.type]


@lru_cache(maxsize=64)
def _records(
    dataset: str, night: Path
) -> Mapping[tuple[str, ...], dict[str, tuple[str | None, str | None]]]:
    """Damaged records by the key as it was delivered: each field as held and as it should be.

    A key that two records share tells neither; it is left out.
    """
    contract = contract_of(dataset)
    names = [field.name for field in contract.fields]
    columns = ", ".join(f"h.{name}, c.{name}" for name in names)
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"select {columns} from '{night}/held/{contract.id}.parquet' as h "
            f"join '{night}/clean/{contract.id}.parquet' as c on h._key = c._key "
            "where h._copy = 1 and h._damage is not null and not c._deleted"
        ).fetchall()
    found: dict[tuple[str, ...], dict[str, tuple[str | None, str | None]]] = {}
    shared: set[tuple[str, ...]] = set()
    for row in rows:
        pairs = {name: (row[2 * n], row[2 * n + 1]) for n, name in enumerate(names)}
        key = tuple(_seen(contract, name, pairs[name][0]) for name in _telling(contract))
        shared |= {key} & found.keys()
        found[key] = pairs
    return {key: pairs for key, pairs in found.items() if key not in shared}


def _seen(contract: Contract, name: str, value: object) -> str:
    """A value as it can be seen in the workbook, where names are masked unless they are what is wrong."""
    text = _text(value)
    return (mask_name(text) or "") if contract.field(name).kind is FieldKind.NAME else text


def _text(value: object) -> str:
    """A cell or a record as people compare them: no blanks, full-width characters made half-width."""
    return "".join(unicodedata.normalize("NFKC", str(value or "")).split())

"""Returned-rows workbooks for tests: landed for real, written for real, filled in as offices do."""

from __future__ import annotations

import csv
import datetime as dt
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl

from xianjie.contract.catalogue import catalogue
from xianjie.landing import CsvTable, publish
from xianjie.reports.model import Problem, ReturnedRow, ReturnedSheet
from xianjie.reports.returned_rows import write_returned_rows

DAY = dt.date(2026, 9, 22)
COUNTY = "639900"
HOUSES = "housing.house_safety"
OWNER_ID = "639900198503072316"
WRONG_ID = "639900198503072317"


@dataclass(frozen=True)
class Sent:
    """A workbook that went out: its file, and the row ids in the order of its rows."""

    path: Path
    row_ids: tuple[uuid.UUID, ...]


def land(folder: Path, contract_id: str, rows: list[dict[str, str]]) -> str:
    """Lands rows given by field name; returns the delivery id."""
    contract = catalogue().get(contract_id)
    names, labels = [f.name for f in contract.fields], [f.label for f in contract.fields]
    path = folder / f"{uuid.uuid4()}.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        stream.write(",".join(labels) + "\n")
        csv.DictWriter(stream, names, restval="").writerows(rows)
    table = CsvTable("农房安全档案.csv", tuple(labels), path)
    return publish(contract, DAY, [table], mode="full", county_code=COUNTY).delivery_id


def house(number: int, **values: str) -> dict[str, str]:
    plain = {
        "house_no": f"FW{number:06d}",
        "owner_name": "欧阳金丝雀",
        "owner_id_number": WRONG_ID,
        "household_no": f"63990010200{number:05d}",
        "division_code": "639900102200",
        "address": "中庄村七社 12 号",
        "structure": "砖混",
        "grade": "危",
        "appraisal_date": "2026.13.1",
    }
    return plain | values


def problems(*fields: str) -> tuple[Problem, ...]:
    return tuple(Problem(f"HOU-01.{name}.x", f"{name} 有误", f"请改正 {name}", name) for name in fields)


def sheet_of(
    delivery_id: str, count: int, contract_id: str = HOUSES, fields: tuple[str, ...] = ("owner_id_number", "grade")
) -> ReturnedSheet:
    contract = catalogue().get(contract_id)
    return ReturnedSheet(
        department=contract.department,
        dataset=contract.dataset,
        code=contract.code,
        title=contract.title,
        columns=tuple((f.name, f.label) for f in contract.fields),
        key=contract.key,
        rows=tuple(
            ReturnedRow(
                row_id=str(uuid.UUID(int=1000 + number)),
                department=contract.department,
                dataset=contract.dataset,
                source_file="农房安全档案.csv",
                source_line=number + 1,
                opened_on=DAY,
                problems=problems(*fields),
                original={},
                delivery_id=delivery_id,
                source_row=number,
                row_hash=str(uuid.UUID(int=9000 + number)),
                contract_version=contract.version,
                first_opened_on=DAY - dt.timedelta(days=3),
                attempt=2,
            )
            for number in range(1, count + 1)
        ),
    )


def send(folder: Path, count: int = 4, **house_values: str) -> Sent:
    """Lands `count` houses and writes the workbook that returns them."""
    delivery_id = land(folder, HOUSES, [house(n, **house_values) for n in range(1, count + 1)])
    sheet = sheet_of(delivery_id, count)
    path = folder / "returned-rows.xlsx"
    write_returned_rows(path, [sheet], DAY, COUNTY, title="住建局", revision=1)
    return Sent(path, tuple(uuid.UUID(row.row_id) for row in sheet.rows))


class Filler:
    """Fills a workbook in with openpyxl, by machine names; rows count from 1."""

    def __init__(self, path: Path, sheet: str = "退回 HOU-01") -> None:
        self.path = path
        self.book = openpyxl.load_workbook(path)
        self.sheet = self.book[sheet]
        self.columns = {cell.value: cell.column for cell in self.sheet[3] if cell.value}

    def cell(self, row: int, name: str) -> Any:
        return self.sheet.cell(row + 4, self.columns[name])

    def put(self, row: int, **values: object) -> Filler:
        """Values by machine name; ``decision`` and ``reason`` are the two fixed ones, others are answers."""
        fixed = {"decision": "@decision", "reason": "@reason"}
        for name, value in values.items():
            self.cell(row, fixed.get(name, f"answer:{name}")).value = value
        return self

    def save(self, name: str = "filled.xlsx") -> Path:
        target = self.path.with_name(name)
        self.book.save(target)
        return target

"""The dictionary's workbook: every field, rule and code of a department, as text, under frozen headers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from xianjie.contract import derive
from xianjie.contract.catalogue import catalogue
from xianjie.contract.dictionary import write_books
from xianjie.settings import REPOSITORY

INCLUDE = REPOSITORY / "include"


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    paths = write_books(tmp_path_factory.mktemp("dictionary"), INCLUDE)
    return {path.stem: openpyxl.load_workbook(path) for path in paths}


def texts(sheet: Any) -> set[str]:
    return {str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None}


def test_there_is_one_a_department_with_a_sheet_a_dataset(books: dict[str, Any]) -> None:
    departments = catalogue(INCLUDE).every_department()
    assert set(books) == set(departments)
    for name, contracts in departments.items():
        sheets = books[name].sheetnames
        assert (sheets[0], sheets[-1]) == ("说明", "代码表")
        assert len(sheets) == len(contracts) + 2


def test_a_sheet_holds_every_field_and_rule_of_its_dataset(books: dict[str, Any]) -> None:
    contracts = sorted(catalogue(INCLUDE).every_department()["employment"], key=lambda each: each.code)
    for contract, sheet in zip(contracts, books["employment"].worksheets[1:-1], strict=True):
        found = texts(sheet)
        assert sheet.title.startswith(contract.code)
        assert {field.label for field in contract.fields} <= found
        assert {rule.id for rule in derive.rules(contract, include_dir=INCLUDE)} <= found
        assert sheet.freeze_panes == "C4"
        assert sheet.column_dimensions["B"].width > 15


def test_nothing_is_a_formula_and_codes_are_text(books: dict[str, Any]) -> None:
    for book in books.values():
        kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row if cell.value}
        assert kinds <= {"s", "inlineStr"}


def test_the_code_lists_of_the_fields_are_there(books: dict[str, Any]) -> None:
    found = texts(books["employment"]["代码表"])
    assert {"employment_status", "在岗"} <= found


def test_a_file_is_replaced_in_one_step(tmp_path: Path) -> None:
    write_books(tmp_path, INCLUDE)
    assert not [path for path in (tmp_path / "dictionary").iterdir() if path.name.startswith(".")]

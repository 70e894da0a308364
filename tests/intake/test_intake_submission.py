"""A submission workbook: made from the contract, filled in by hand, taken as the night's delivery."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import openpyxl
import pytest
from intake_helpers import landed, last_receipt

from tests.libreoffice import converted
from xianjie import intake, landing, validation
from xianjie.contract import codes, id_number
from xianjie.contract.catalogue import catalogue
from xianjie.contract.model import Contract, Source
from xianjie.contract.submission import write_submission
from xianjie.landing import SourceFormatError
from xianjie.settings import settings

pytestmark = pytest.mark.usefixtures("warehouse_url")

DAY = dt.date(2026, 9, 21)
RELIEF = "civil_affairs.temporary_relief"
PERSON = "63990019850307231" + id_number.check_digit("63990019850307231")


@pytest.fixture
def box(tmp_path: Path) -> Path:
    folder = tmp_path / "box"
    folder.mkdir()
    return folder


def contract_of(box: Path, name: str = RELIEF, **changes: object) -> Contract:
    source = Source(connector="folder", options={"path": f"{box.as_uri()}/*"}, format="xlsx")
    return catalogue().get(name).model_copy(update={"source": source, **changes})


def blank(folder: Path, name: str = RELIEF) -> Path:
    path = folder / "填报表.xlsx"
    write_submission(catalogue().get(name), path, DAY, settings().county_code)
    return path


def relief(number: int, **values: object) -> dict[str, object]:
    contract = catalogue().get(RELIEF)
    plain = {
        "relief_no": f"LS{number:05d}",
        "name": "王五",
        "id_number": PERSON,
        "relief_type": next(iter(codes.code_list("relief_type", DAY).values())),
        "amount_yuan": 800,
        "applied_date": dt.date(2026, 9, 1),
        "approved_date": "2026-09-03",
    }
    assert plain.keys() <= {field.name for field in contract.fields}
    return plain | values


def filled(path: Path, rows: Mapping[int, dict[str, object]], target: Path) -> Path:
    """Types rows (line number → values by field name) into the sheet of data, as a clerk would."""
    book = openpyxl.load_workbook(path)
    sheet = book["数据"]
    columns = {cell.value: cell.column for cell in sheet[3] if cell.value}
    for line, values in rows.items():
        for name, value in values.items():
            sheet.cell(line, columns[name]).value = value
    book.save(target)
    return target


def test_it_offers_explains_and_checks(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(blank(tmp_path))
    contract = catalogue().get(RELIEF)
    assert book.sheetnames == ["填报说明", "数据", "代码表", "_xianjie"]
    said = [[str(cell) for cell in row if cell is not None] for row in book["填报说明"].iter_rows(values_only=True)]
    flat = "\n".join(" ".join(row) for row in said)
    assert "{" not in flat
    assert {field.label for field in contract.fields} <= {row[0] for row in said if row}
    assert {rule.title for rule in contract.rules} <= {cell for row in said for cell in row}
    sheet = book["数据"]
    headings = {cell.value: cell for cell in sheet[4] if cell.value}
    assert list(headings) == [field.label for field in contract.fields]
    required, optional = headings[contract.field("name").label], headings[contract.field("id_number").label]
    assert required.font.color.rgb != optional.font.color.rgb
    assert sheet.row_dimensions[3].hidden
    assert book["_xianjie"].sheet_state == "veryHidden"
    rules = {str(rule.sqref).split(":", maxsplit=1)[0]: rule for rule in sheet.data_validations.dataValidation}
    choice = rules[f"{headings[contract.field('relief_type').label].column_letter}5"]
    assert choice.type == "list"
    column = choice.formula1.split("$")[1]
    offered = [cell.value for cell in book["代码表"][column]][1:]
    assert [each for each in offered if each] == list(codes.code_list("relief_type", DAY).values())
    place = headings[contract.field("id_number").label].column
    assert [each.number_format for each in sheet.column_dimensions.values() if each.min <= place <= each.max] == ["@"]


def test_equal_contracts_give_equal_bytes(tmp_path: Path) -> None:
    first = blank(tmp_path).read_bytes()
    assert blank(tmp_path).read_bytes() == first


def test_a_filled_in_workbook_is_a_delivery_that_passes(tmp_path: Path, box: Path) -> None:
    contract = contract_of(box)
    filled(blank(tmp_path), {5: relief(1), 6: relief(2), 9: relief(3)}, box / "民政办九月.xlsx")
    pull = intake.pull(contract, DAY)
    assert (pull.outcome, pull.reason) == ("landed", None)
    columns = "_file, _line, relief_no, name, id_number, amount_yuan, applied_date, approved_date"
    assert landed(pull.delivery_id, columns) == [
        ("民政办九月.xlsx", line, f"LS{n:05d}", "王五", PERSON, "800", "2026-09-01", "2026-09-03")
        for n, line in ((1, 5), (2, 6), (3, 9))
    ]
    assert pull.delivery_id is not None
    delivery = landing.load(pull.delivery_id)
    assert (delivery.columns_missing, delivery.columns_unknown) == ((), ())
    verdict = validation.check(contract, pull.delivery_id)
    assert verdict.decision == "accept"
    (ledger,) = [row for row in validation.ledger(DAY, settings().county_code) if row.dataset == contract.dataset]
    assert (ledger.landed, ledger.accepted, ledger.quarantined) == (3, 3, 0)


def test_a_workbook_saved_by_libreoffice_lands_the_same(tmp_path: Path, box: Path) -> None:
    typed = filled(blank(tmp_path), {5: relief(41), 7: relief(42)}, tmp_path / "typed.xlsx")
    converted(typed, box, "xlsx")
    pull = intake.pull(contract_of(box), DAY)
    columns = "_line, relief_no, id_number, amount_yuan, applied_date"
    assert landed(pull.delivery_id, columns) == [
        (5, "LS00041", PERSON, "800", "2026-09-01"),
        (7, "LS00042", PERSON, "800", "2026-09-01"),
    ]
    assert pull.reason is None


def test_faults_of_rows_are_returned_one_by_one(tmp_path: Path, box: Path) -> None:
    contract = contract_of(box)
    rows = {
        5: relief(11),
        6: relief(12, id_number=int(PERSON[:17] + "0")),
        7: relief(13, relief_type="不存在的类型"),
        8: relief(14, applied_date="二〇二六年"),
    }
    filled(blank(tmp_path), rows, box / "a.xlsx")
    pull = intake.pull(contract, DAY)
    assert landed(pull.delivery_id, "id_number")[1] == ("6.399001985030723E+17",)
    assert pull.delivery_id is not None
    validation.check(contract, pull.delivery_id)
    ledger = {row.dataset: row for row in validation.ledger(DAY, settings().county_code)}
    assert ledger["temporary_relief"].landed == 4
    assert ledger["temporary_relief"].quarantined == 3


def test_what_else_an_office_did_is_said_in_the_receipt(tmp_path: Path, box: Path) -> None:
    path = filled(blank(tmp_path), {5: relief(21), 6: relief(22)}, box / "a.xlsx")
    book = openpyxl.load_workbook(path)
    sheet = book["数据"]
    sheet["A8"] = "=1+1"
    sheet.merge_cells("A9:B9")
    sheet.insert_cols(2)
    sheet["B4"], sheet["B5"] = "备注", "自己加的"
    sheet.title = "九月"
    book.save(path)
    pull = intake.pull(contract_of(box), DAY)
    assert landed(pull.delivery_id, "relief_no, name, _extra")[0] == ("LS00021", "王五", '{"备注":"自己加的"}')
    assert last_receipt()["reason"].split("；") == [
        "有 1 处合并单元格，每处只有第一格的内容被读取",
        "有 1 个格子是公式，按最后显示的值读取，请改为直接填写",
    ]


def test_an_older_edition_is_taken_and_said(tmp_path: Path, box: Path) -> None:
    path = filled(blank(tmp_path), {5: relief(31)}, box / "a.xlsx")
    assert path.exists()
    pull = intake.pull(contract_of(box, version="9.0.0"), DAY)
    assert pull.outcome == "landed"
    assert pull.reason is not None
    assert "现行是 9.0.0 版（缺少的列：无）" in pull.reason


def test_a_workbook_of_another_dataset_is_refused_with_its_name(tmp_path: Path, box: Path) -> None:
    (box / "a.xlsx").write_bytes(blank(tmp_path).read_bytes())
    with pytest.raises(SourceFormatError) as caught:
        intake.pull(contract_of(box, "housing.renovation"), DAY)
    assert caught.value.reason == "wrong_dataset"
    assert last_receipt()["error_code"] == "XJ-201.wrong_dataset"


def test_an_empty_one_has_no_rows(tmp_path: Path, box: Path) -> None:
    (box / "a.xlsx").write_bytes(blank(tmp_path).read_bytes())
    pull = intake.pull(contract_of(box), DAY)
    assert (pull.outcome, landed(pull.delivery_id, "relief_no")) == ("landed", [])
    assert "没有一行数据" in str(pull.reason)


@pytest.mark.parametrize("name", [contract.id for contract in catalogue()])
def test_every_contract_has_a_submission_workbook(tmp_path: Path, name: str) -> None:
    book = openpyxl.load_workbook(blank(tmp_path, name))
    assert [cell.value for cell in book["数据"][4] if cell.value] == [f.label for f in catalogue().get(name).fields]

"""The workbook a department corrects its rows in: what stands in it, what may be seen, what it looks like."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
import report_nights as nights
from openpyxl.styles import PatternFill
from openpyxl.styles.colors import Color

from tests import bare_cells
from xianjie import reports
from xianjie.contract.catalogue import catalogue
from xianjie.contract.entry import entries
from xianjie.reports.model import Problem, ReturnedRow, ReturnedSheet
from xianjie.reports.returned_rows import write_returned_rows
from xianjie.reports.returned_rows.columns import sheet_columns
from xianjie.settings import REPOSITORY, settings
from xianjie.workbooks.template import TemplateError

DAY, COUNTY = nights.DAY, nights.COUNTY
HEADING, FIRST = 4, 5


@pytest.fixture(scope="module", autouse=True)
def delivery_id(warehouse_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    nights.seed(tmp_path_factory.mktemp("delivered"))
    nights.place_household()
    return nights.deliver_houses(tmp_path_factory.mktemp("again"))


def sheet_of(delivery_id: str, *fields: str, rows: tuple[int, ...] = (3,)) -> ReturnedSheet:
    contract = catalogue().get("housing.house_safety")
    return ReturnedSheet(
        "housing",
        "house_safety",
        contract.code,
        contract.title,
        tuple((field.name, field.label) for field in contract.fields),
        contract.key,
        tuple(
            ReturnedRow(
                row_id=f"00000000-0000-0000-0000-{number:012d}",
                department="housing",
                dataset="house_safety",
                source_file="=cmd|calc.csv",
                source_line=number + 1,
                opened_on=DAY,
                problems=tuple(Problem(f"HOU-01.{f}.x", f"{f} 有误", f"请改正 {f}", f) for f in fields),
                original={},
                delivery_id=delivery_id,
                source_row=number,
                row_hash=f"00000000-0000-0000-0000-{number:012d}",
                contract_version="1.0.0",
                first_opened_on=DAY - dt.timedelta(days=2),
                attempt=3,
            )
            for number in rows
        ),
    )


def written(path: Path, *sheets: ReturnedSheet) -> openpyxl.Workbook:
    write_returned_rows(path, sheets, DAY, COUNTY, title="住建局", revision=1)
    return openpyxl.load_workbook(path)


@pytest.fixture
def book(delivery_id: str, tmp_path: Path) -> openpyxl.Workbook:
    return written(tmp_path / "a.xlsx", sheet_of(delivery_id, "owner_id_number", "grade"))


def cells(book: openpyxl.Workbook, row: int = FIRST) -> dict[str, openpyxl.cell.Cell]:
    sheet = book["退回 HOU-01"]
    return {str(name.value): sheet.cell(row, name.column) for name in sheet[3] if name.value}


def test_it_says_how_to_fill_in_by_when_and_whom_to_ask(book: openpyxl.Workbook) -> None:
    assert book.sheetnames == ["说明", "退回 HOU-01", "_lists", "_xianjie"]
    said = "\n".join(str(cell.value) for row in book["说明"] for cell in row if cell.value)
    assert "住建局　业务日期 2026-09-22　共 1 行待更正　请于 2026-09-23" in said
    assert "住建局数据联络员" in said
    assert "{" not in said
    assert [book[name].sheet_state for name in book.sheetnames] == ["visible", "visible", "hidden", "veryHidden"]


def test_a_row_says_problem_mend_since_when_how_often_and_from_where(book: openpyxl.Workbook) -> None:
    row = [cell.value for cell in book["退回 HOU-01"][FIRST]][:7]
    assert row == [
        1,
        "1. owner_id_number 有误\n2. grade 有误",
        "1. 请改正 owner_id_number\n2. 请改正 grade",
        "2026-09-20\n第 3 次",
        "=cmd|calc.csv\n第 4 行",
        None,
        None,
    ]


def test_only_what_is_needed_to_find_and_mend_the_row_is_bare(book: openpyxl.Workbook) -> None:
    found = cells(book)
    assert found["original:owner_id_number"].value == nights.CANARY_ID[:-1] + "7"
    assert found["original:house_no"].value == "=cmd|' /C calc'!A0"
    assert found["original:grade"].value == "<script>alert(1)</script>"
    assert found["original:owner_name"].value == "欧****"
    assert found["original:address"].value == "（不显示）"
    assert nights.CANARY_PHONE not in str(found["original:structure"].value)
    assert nights.CANARY_ID not in str(found["original:structure"].value)


def test_a_name_is_bare_only_when_the_name_is_the_problem(delivery_id: str, tmp_path: Path) -> None:
    found = cells(written(tmp_path / "a.xlsx", sheet_of(delivery_id, "owner_name")))
    assert found["original:owner_name"].value == nights.CANARY_NAME


def test_nothing_a_department_typed_is_a_formula_or_a_link(book: openpyxl.Workbook, tmp_path: Path) -> None:
    everything = [cell for sheet in book for row in sheet for cell in row]
    assert not [cell for cell in everything if cell.data_type == "f"]
    assert not [cell for cell in everything if cell.hyperlink and cell.hyperlink.target]
    assert cells(book)["original:house_no"].quotePrefix
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        assert not [name for name in archive.namelist() if "externalLink" in name]


def test_only_answer_cells_are_open(book: openpyxl.Workbook) -> None:
    sheet = book["退回 HOU-01"]
    assert sheet.protection.sheet
    open_names = {name for name, cell in cells(book).items() if cell.has_style and not cell.protection.locked}
    assert {"@decision", "@reason", "answer:grade", "answer:owner_id_number"} <= open_names
    assert all(name in ("@decision", "@reason") or name.startswith("answer:") for name in open_names)
    unwritten = sheet.column_dimensions[cells(book)["answer:structure"].column_letter]
    assert not unwritten.protection.locked
    assert unwritten.number_format == "@"


def test_columns_are_the_same_whatever_was_returned(delivery_id: str, tmp_path: Path) -> None:
    one = list(cells(written(tmp_path / "a.xlsx", sheet_of(delivery_id, "grade"))))
    two = list(cells(written(tmp_path / "b.xlsx", sheet_of(delivery_id, "owner_name", "address"))))
    assert one[1:] == two[1:]


def test_what_has_no_problem_tonight_is_folded_away_and_keys_are_not(delivery_id: str) -> None:
    contract = catalogue().get("housing.house_safety")
    columns = sheet_columns(contract, entries(contract, DAY, COUNTY), {"grade"})
    shown = {column.machine for column in columns if column.is_shown and column.role in ("original", "answer")}
    assert shown == {
        "original:house_no",
        "original:owner_name",
        "original:owner_id_number",
        "original:grade",
        "answer:grade",
    }
    book = written(Path(settings().home) / "folded.xlsx", sheet_of(delivery_id, "grade"))
    place = book["退回 HOU-01"].column_dimensions
    letters = {name: cell.column_letter for name, cell in cells(book).items()}
    assert place[letters["answer:structure"]].hidden or place[letters["original:structure"]].hidden
    assert not place[letters["answer:grade"]].hidden


def test_cells_with_a_problem_stand_out(book: openpyxl.Workbook) -> None:
    found = cells(book)
    fills = {name: found[name].fill.fgColor.rgb for name in ("original:grade", "answer:grade", "original:owner_name")}
    assert len(set(fills.values())) == 3


def test_answers_offer_the_codes_of_the_day_and_say_what_is_expected(book: openpyxl.Workbook) -> None:
    sheet = book["退回 HOU-01"]
    rules = sheet.data_validations.dataValidation
    by_column = {str(rule.sqref).split(":", maxsplit=1)[0].rstrip("0123456789"): rule for rule in rules}
    letters = {name: cell.column_letter for name, cell in cells(book).items()}
    grade = by_column[letters["answer:grade"]]
    assert (grade.type, grade.errorStyle) == ("list", None)  # stop is the default
    column = grade.formula1.split("$")[1]
    offered = [cell.value for cell in book["_lists"][column]][1:]
    assert [text for text in offered if text] == ["A级", "B级", "C级", "D级", "未鉴定"]
    assert by_column[letters["@decision"]].formula1 == '"更正,情况属实,作废"'
    assert "18 位" in by_column[letters["answer:owner_id_number"]].prompt
    assert by_column[letters["answer:appraisal_date"]].type == "custom"
    place = by_column[letters["answer:division_code"]].formula1.split("$")[1]
    assert all(len(str(cell.value).split(" ")[0]) == 12 for cell in book["_lists"][place][1:] if cell.value)


def is_personal(text: bytes) -> bool:
    return nights.CANARY_ID[:17].encode() in text or nights.CANARY_NAME.encode() in text


def test_no_bare_value_stands_where_it_is_not_needed(delivery_id: str, tmp_path: Path) -> None:
    sheet = sheet_of(delivery_id, "grade", rows=(1, 2, 3))
    needed = dict.fromkeys((row.row_id for row in sheet.rows), frozenset({"house_no", "owner_id_number", "grade"}))
    book = written(tmp_path / "a.xlsx", sheet)
    checked = bare_cells.check(tmp_path / "a.xlsx", needed, is_personal)
    assert (checked.allowed, checked.rows, checked.faults) == (3, 3, [])
    for name, text in (("original:address", nights.CANARY_ID), ("@problem", nights.CANARY_NAME)):
        cells(book)[name].value = text
    book["说明"]["A1"] = nights.CANARY_NAME
    book.save(tmp_path / "b.xlsx")
    assert len(bare_cells.check(tmp_path / "b.xlsx", needed, is_personal).faults) >= 3
    nobody = bare_cells.check(tmp_path / "a.xlsx", {}, is_personal)
    assert len(nobody.faults) == 6


def test_equal_rows_give_equal_bytes(delivery_id: str, tmp_path: Path) -> None:
    sheet = sheet_of(delivery_id, "grade")
    for name in ("a.xlsx", "b.xlsx"):
        written(tmp_path / name, sheet)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_a_row_whose_delivery_is_gone_still_goes_back(tmp_path: Path, delivery_id: str) -> None:
    sheet = sheet_of(delivery_id, "grade")
    gone = "639900.housing.house_safety.20260101.x"
    lost = replace(sheet, rows=tuple(replace(row, delivery_id=gone) for row in sheet.rows))
    found = cells(written(tmp_path / "a.xlsx", lost))
    assert found["original:house_no"].value is None
    assert found["@problem"].value == "grade 有误"


def test_it_lies_in_the_departments_own_pack_and_in_the_manifest() -> None:
    packs = {pack.recipient: pack for pack in reports.build(DAY, COUNTY)}
    manifest = json.loads((settings().out_dir / DAY.isoformat() / "manifest.json").read_text(encoding="utf-8"))
    listed = {
        pack["recipient"]: [file for file in pack["files"] if file["path"].endswith("returned-rows.xlsx")]
        for pack in manifest["packs"]
    }
    assert [recipient for recipient, files in listed.items() if files] == ["housing"]
    assert listed["housing"][0]["rows"] == 1
    assert packs["housing"].counts["returned_rows"] == 1
    before = packs["housing"].files
    for file in before:
        (settings().out_dir / DAY.isoformat() / file.path).unlink()
    assert next(pack for pack in reports.build(DAY, COUNTY) if pack.recipient == "housing").files == before


@pytest.fixture
def include(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An include folder of the county's own."""
    folder = tmp_path / "include"
    shutil.copytree(REPOSITORY / "include", folder)
    monkeypatch.setenv("XIANJIE_INCLUDE_DIR", str(folder))
    settings.cache_clear()
    yield folder
    monkeypatch.undo()
    settings.cache_clear()


def test_who_restyles_the_template_restyles_the_workbook(delivery_id: str, include: Path, tmp_path: Path) -> None:
    path = include / "templates" / "returned_rows.xlsx"
    template = openpyxl.load_workbook(path)
    data = template["数据"]
    data["F5"].fill = PatternFill("solid", fgColor="00B050")
    data["H4"].fill = PatternFill("solid", fgColor=Color(theme=4, tint=0.6))
    data["A1"].value = "青禾县《{title}》退回单"
    data.column_dimensions["B"].width = 61
    template["说明"]["A1"].value = "退回数据更正表（本县样式）"
    template["说明"]["A1"].font = openpyxl.styles.Font(name="楷体", size=26)
    template.save(path)
    book = written(tmp_path / "a.xlsx", sheet_of(delivery_id, "grade"))
    sheet = book["退回 HOU-01"]
    assert cells(book)["@decision"].fill.fgColor.rgb == "FF00B050"
    assert cells(book, HEADING)["original:grade"].fill.fgColor.rgb not in ("FFE7E6E6", "00000000")
    assert sheet["A1"].value == "青禾县《农房安全档案》退回单"
    assert sheet.column_dimensions["B"].width == pytest.approx(61, abs=1)
    assert book["说明"]["A1"].value == "退回数据更正表（本县样式）"
    assert (book["说明"]["A1"].font.name, book["说明"]["A1"].font.size) == ("楷体", 26)


PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d494844520000000100000001080600000 01f15c4890000000d49444154789c63f8cfc0f01f000500"
    "01ff56c72f0d0000000049454e44ae426082".replace(" ", "")
)


def test_a_logo_in_the_template_is_in_the_workbook(delivery_id: str, include: Path, tmp_path: Path) -> None:
    path = include / "templates" / "returned_rows.xlsx"
    with_logo(path, tmp_path / "logo.xlsx")
    shutil.move(tmp_path / "logo.xlsx", path)
    written(tmp_path / "a.xlsx", sheet_of(delivery_id, "grade"))
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        pictures = [name for name in archive.namelist() if name.startswith("xl/media/")]
        assert [archive.read(name) for name in pictures] == [PIXEL]


def with_logo(source: Path, target: Path) -> None:
    """Adds a picture to the first sheet of a template, as a spreadsheet program does."""
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    drawing = (
        '<xdr:wsDr xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" '
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><xdr:oneCellAnchor><xdr:from>'
        "<xdr:col>5</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>0</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:from>"
        '<xdr:ext cx="952500" cy="476250"/><xdr:pic><xdr:blipFill>'
        f'<a:blip xmlns:r="{relation}" r:embed="rId1"/></xdr:blipFill><xdr:spPr><a:xfrm><a:off x="0" y="0"/>'
        '<a:ext cx="952500" cy="476250"/></a:xfrm></xdr:spPr></xdr:pic><xdr:clientData/></xdr:oneCellAnchor></xdr:wsDr>'
    )

    def relations(kind: str, part: str) -> str:
        return (
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f'<Relationship Id="rId1" Type="{relation}/{kind}" Target="{part}"/></Relationships>'
        )

    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for member in old.infolist():
            new.writestr(member, old.read(member))
        new.writestr("xl/worksheets/_rels/sheet1.xml.rels", relations("drawing", "../drawings/drawing1.xml"))
        new.writestr("xl/drawings/drawing1.xml", drawing)
        new.writestr("xl/drawings/_rels/drawing1.xml.rels", relations("image", "../media/image1.png"))
        new.writestr("xl/media/image1.png", PIXEL)


def test_a_template_that_lost_a_name_says_which(delivery_id: str, include: Path, tmp_path: Path) -> None:
    path = include / "templates" / "returned_rows.xlsx"
    template = openpyxl.load_workbook(path)
    del template.defined_names["style_answer"]
    template.save(path)
    with pytest.raises(TemplateError, match="style_answer"):
        written(tmp_path / "a.xlsx", sheet_of(delivery_id, "grade"))

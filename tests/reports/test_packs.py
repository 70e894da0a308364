"""Packs from a real warehouse: what is in them, what is not, and what happens when they are built again."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest
import report_nights as nights

from xianjie import reports
from xianjie.contract.catalogue import catalogue
from xianjie.database.engine import Role, transaction
from xianjie.settings import settings

DAY, COUNTY = nights.DAY, nights.COUNTY
DEPARTMENTS = ["education", "civil_affairs", "housing", "employment", "rural_revitalisation"]


@pytest.fixture(scope="module", autouse=True)
def night(warehouse_url: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    nights.seed(tmp_path_factory.mktemp("delivered"))
    nights.place_household()


def folder() -> Path:
    return settings().out_dir / DAY.isoformat()


def pack_of(recipient: str) -> reports.Pack:
    return next(pack for pack in reports.build(DAY, COUNTY) if pack.recipient == recipient)


def book_of(recipient: str) -> openpyxl.Workbook:
    pack = pack_of(recipient)
    return openpyxl.load_workbook(folder() / next(f.path for f in pack.files if "日报" in f.path))


def texts(book: openpyxl.Workbook) -> list[str]:
    return [str(cell.value) for sheet in book for row in sheet for cell in row if cell.value is not None]


def test_everybody_gets_a_pack_also_those_who_sent_nothing() -> None:
    packs = reports.build(DAY, COUNTY)
    assert [pack.recipient for pack in packs] == [*DEPARTMENTS, "county_leaders"]
    manifest = json.loads((folder() / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["business_date"] == "2026-09-22"
    assert manifest["county"] == COUNTY
    assert set(manifest["missing_departments"]) == set(DEPARTMENTS)
    for pack in manifest["packs"]:
        assert {"recipient", "title", "files", "counts", "missing_departments", "revision"} <= set(pack)
        for file in pack["files"]:
            assert (folder() / file["path"]).stat().st_size == file["bytes"]


def test_building_again_changes_no_byte() -> None:
    before = {pack.recipient: pack for pack in reports.build(DAY, COUNTY)}
    assert {pack.recipient: pack for pack in reports.build(DAY, COUNTY)} == before


def test_a_lost_pack_is_built_again_with_the_same_bytes() -> None:
    before = pack_of("housing")
    for file in before.files:
        (folder() / file.path).unlink()
    assert pack_of("housing") == before


def test_a_department_that_did_not_come_reads_so_first() -> None:
    cover = book_of("rural_revitalisation").worksheets[0]
    first = next(str(row[0].value) for row in cover.iter_rows(min_row=3) if row[0].value)
    owed = catalogue().by_department()["rural_revitalisation"]
    assert first.startswith(f"贵单位今晚有 {len(owed)} 个数据集未收到")
    assert all(contract.title in first for contract in owed)


def test_a_returned_row_comes_back_with_place_problem_mend_and_masked_values() -> None:
    sheet = book_of("housing")["退回 HOU-01"]
    heading = next(n for n, row in enumerate(sheet.iter_rows(values_only=True), 1) if row[0] == "序号")
    names = [cell.value for cell in sheet[heading]]
    row = dict(zip(names, (cell.value for cell in sheet[heading + 1]), strict=True))
    assert (row["来源文件"], row["所在行"], row["行标识"]) == ("=cmd|calc.csv", 4, str(nights.ROW))
    assert row["问题"] == "1. grade 有误\n2. owner_id_number 有误"
    assert (row["产权人"], row["产权人身份证号"]) == ("欧****", "****2317")
    assert (row["坐落门牌"], row["户编号"]) == ("（不显示）", nights.HOUSEHOLD)


def test_a_lead_reaches_its_department_with_evidence_in_words_and_nobody_else() -> None:
    lines = texts(book_of("housing"))
    assert "鉴定等级：D级；建造年份：1986；房屋编号：FW000003" in " ".join(lines) or any(
        "1986" in t for t in lines
    )
    assert nights.HOUSEHOLD in lines
    assert "欧****" in lines
    for other in ("education", "civil_affairs", "employment", "rural_revitalisation"):
        assert nights.HOUSEHOLD not in texts(book_of(other))
    assert nights.HOUSEHOLD in texts(book_of("county_leaders"))


def test_a_figure_without_a_target_is_not_lit_and_one_that_was_not_computed_has_no_data() -> None:
    lights = {
        row[0].value: {str(cell.value) for cell in row} & {"红灯", "不评灯", "无数据"}
        for sheet in book_of("county_leaders")
        for row in sheet.iter_rows()
        if str(row[0].value).startswith("I-")
    }
    assert lights["I-3B-03"] == {"红灯"}
    assert lights["I-EMP-01"] == {"不评灯"}
    assert lights["I-INC-01"] == {"无数据"}


def test_leaders_see_counts_of_returned_rows_but_no_row() -> None:
    book = book_of("county_leaders")
    assert not [name for name in book.sheetnames if name.startswith("退回 ")]
    assert "退回汇总" in book.sheetnames


def test_a_rule_that_could_not_be_evaluated_is_named_with_its_reason() -> None:
    assert any("监测线未确定" in text for text in texts(book_of("rural_revitalisation")))


def test_no_personal_value_stands_in_a_pack_or_in_what_is_recorded() -> None:
    reports.build(DAY, COUNTY)
    said = [path.read_text(encoding="utf-8") for path in folder().rglob("*.html")]
    said += [text for recipient in [*DEPARTMENTS, "county_leaders"] for text in texts(book_of(recipient))]
    with transaction(Role.PIPELINE) as connection:
        said += [str(row) for row in connection.exec_driver_sql("select * from reports.pack").all()]
    for secret in (nights.CANARY_ID, nights.CANARY_ID[:-1], nights.CANARY_NAME, nights.CANARY_PHONE):
        assert not [text for text in said if secret in text]


def test_nothing_a_department_wrote_is_a_formula_a_link_or_markup() -> None:
    book = book_of("housing")
    cells = [cell for sheet in book for row in sheet for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert not [cell for cell in cells if cell.hyperlink and cell.hyperlink.target]
    assert any(str(cell.value).startswith("=cmd") and cell.data_type == "s" for cell in cells)
    page = (folder() / "housing" / "index.html").read_text(encoding="utf-8")
    assert "<script" not in page


def test_late_data_makes_an_update_that_says_so_and_keeps_the_first_edition() -> None:
    nights.conclude("education", "enrolment", "absent")
    first = {pack.recipient: pack for pack in reports.build(DAY, COUNTY)}
    nights.conclude("education", "enrolment", "accepted", is_late=True)
    second = {pack.recipient: pack for pack in reports.build(DAY, COUNTY)}
    assert all(pack.revision == first[code].revision + 1 for code, pack in second.items())
    assert second["education"].changes == ("教育局：学籍在校生（EDU-01） 迟到数据已并入",)
    assert any("更新版" in file.path for file in second["education"].files)
    for file in first["education"].files:
        kept = folder() / "superseded" / "education" / str(first["education"].revision) / Path(file.path).name
        assert kept.stat().st_size == file.bytes


def test_a_killed_builders_leavings_do_no_harm() -> None:
    reports.build(DAY, COUNTY)
    left = folder() / ".housing-killed"
    left.mkdir()
    (left / "half.xlsx").write_bytes(b"PK")
    for file in (folder() / "housing").iterdir():
        file.unlink()
    reports.build(DAY, COUNTY)
    assert not left.exists()
    assert not list(folder().rglob(".*"))

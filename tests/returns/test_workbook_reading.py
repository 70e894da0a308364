"""A workbook comes back: everything an office may do to it, and what is still understood."""

from __future__ import annotations

import copy
import datetime as dt
import shutil
import zipfile
from pathlib import Path

import openpyxl
import pytest
from filled_books import COUNTY, DAY, OWNER_ID, WRONG_ID, Filler, Sent, send

from tests.libreoffice import converted
from xianjie.returns.model import Answer, Remark
from xianjie.returns.workbook import read_workbook
from xianjie.settings import settings
from xianjie.workbooks import FileRefusedError


@pytest.fixture
def sent(warehouse_url: str, tmp_path: Path) -> Sent:
    return send(tmp_path)


@pytest.fixture
def filler(sent: Sent) -> Filler:
    return Filler(sent.path)


def only(remarks: tuple[Remark, ...]) -> Remark:
    (remark,) = remarks
    return remark


def test_an_untouched_workbook_answers_nothing(sent: Sent) -> None:
    read = read_workbook(sent.path)
    assert (read.department, read.business_date) == ("housing", DAY)
    assert (read.answers, read.unanswered, read.remarks) == ((), 4, ())


def test_answers_come_back_by_field_with_their_place(sent: Sent, filler: Filler) -> None:
    filler.put(2, decision="更正", owner_id_number=OWNER_ID, grade="C级", reason="核对了原件")
    read = read_workbook(filler.save())
    assert read.answers == (
        Answer(
            row_id=sent.row_ids[1],
            department="housing",
            dataset="house_safety",
            contract_version="1.0.0",
            decision="correct",
            values={"owner_id_number": OWNER_ID, "grade": "C级"},
            reason="核对了原件",
            sheet="退回 HOU-01",
            line=6,
        ),
    )
    assert (read.unanswered, read.remarks) == (3, ())


def test_three_decisions(sent: Sent, filler: Filler) -> None:
    filler.put(1, decision="更正", grade="C级").put(2, decision="情况属实", reason="已经鉴定").put(3, decision="作废")
    assert [a.decision for a in read_workbook(filler.save()).answers] == ["correct", "waive", "void"]


def test_an_answered_cell_alone_is_a_correction(filler: Filler) -> None:
    (found,) = read_workbook(filler.put(1, grade="C级").save()).answers
    assert found.decision == "correct"


def test_clearing_a_value_is_said_in_words(filler: Filler) -> None:
    (found,) = read_workbook(filler.put(1, household_no="清空").save()).answers
    assert found.values == {"household_no": ""}


def test_sorted_deleted_moved_and_renamed_rows_and_columns_do_no_harm(sent: Sent, filler: Filler) -> None:
    for row in (1, 2, 4):
        filler.put(row, decision="更正", owner_name=f"第{row}行")
    sheet = filler.sheet
    lines = [[cell.value for cell in sheet[line]] for line in range(5, 9)]
    for line, values in zip(range(5, 9), reversed(lines), strict=True):  # sorted the other way round
        for column, value in enumerate(values, start=1):
            sheet.cell(line, column).value = value
    sheet.delete_rows(7)  # what was row 2
    sheet.insert_cols(3)  # a column of notes of their own
    sheet["C5"] = "自己的备注"
    sheet.insert_rows(1)
    sheet.title = "改了名的表"
    read = read_workbook(filler.save("改了名.xlsx"))
    assert {a.row_id: a.values["owner_name"] for a in read.answers} == {
        sent.row_ids[0]: "第1行",
        sent.row_ids[3]: "第4行",
    }
    assert (read.unanswered, read.remarks) == (1, ())
    assert {a.sheet for a in read.answers} == {"改了名的表"}


def test_a_row_that_was_given_anothers_key_is_noticed(filler: Filler) -> None:
    filler.put(1, decision="更正", grade="C级").put(2, decision="更正", grade="C级")
    filler.cell(1, "@row_id").value, filler.cell(2, "@row_id").value = (
        filler.cell(2, "@row_id").value,
        filler.cell(1, "@row_id").value,
    )
    read = read_workbook(filler.save())
    assert read.answers == ()
    assert [(r.code, r.line) for r in read.remarks] == [("tampered", 5), ("tampered", 6)]


def test_visible_columns_sorted_without_the_hidden_ones_are_noticed(filler: Filler) -> None:
    for name in ("original:house_no", "answer:grade"):
        first, second = filler.cell(1, name), filler.cell(2, name)
        first.value, second.value = second.value, first.value
    filler.put(1, decision="更正", grade="C级")
    assert only(read_workbook(filler.save()).remarks).code == "tampered"


def test_a_copied_sheet_is_the_same_answer_once(sent: Sent, filler: Filler) -> None:
    filler.put(1, decision="更正", grade="C级")
    filler.book.copy_worksheet(filler.sheet).title = "退回 HOU-01 (2)"
    read = read_workbook(filler.save())
    assert [a.row_id for a in read.answers] == [sent.row_ids[0]]
    assert read.remarks == ()


def test_two_answers_that_disagree_are_both_left_out(filler: Filler) -> None:
    filler.put(1, decision="更正", grade="C级")
    filler.book.copy_worksheet(filler.sheet).title = "副本"
    Filler.put(filler, 1, grade="D级")
    read = read_workbook(filler.save())
    assert read.answers == ()
    remark = only(read.remarks)
    assert (remark.code, remark.sheet, remark.line) == ("answered_twice", "副本", 5)


@pytest.mark.parametrize(
    ("values", "code", "name"),
    [
        ({"decision": "改一下", "grade": "C级"}, "decision", "@decision"),
        ({"decision": "更正"}, "nothing_corrected", None),
        ({"decision": "情况属实"}, "reason_missing", "@reason"),
        ({"decision": "作废", "grade": "C级"}, "contradiction", "@decision"),
        ({"reason": "只写了说明"}, "decision_missing", "@decision"),
        ({"decision": "更正", "grade": "=\"C\"&\"级\""}, "formula", "answer:grade"),
        ({"decision": "更正", "grade": "很危险"}, "not_in_list", "answer:grade"),
        ({"decision": "更正", "grade": "#N/A"}, "error_cell", "answer:grade"),
        ({"decision": "更正", "owner_id_number": 639900198503072316}, "digits_lost", "answer:owner_id_number"),
        ({"decision": "更正", "owner_id_number": "6.39900E+17"}, "digits_lost", "answer:owner_id_number"),
        ({"decision": "=1+1", "grade": "C级"}, "formula", "@decision"),
    ],
)
def test_a_cell_that_cannot_be_taken_costs_its_row_and_no_other(
    filler: Filler, values: dict[str, object], code: str, name: str | None
) -> None:
    filler.put(1, **values).put(2, decision="更正", grade="C级")
    read = read_workbook(filler.save())
    assert [a.line for a in read.answers] == [6]
    remark = only(read.remarks)
    letters = openpyxl.utils.get_column_letter(filler.columns[name]) if name else None
    assert (remark.code, remark.sheet, remark.line, remark.column) == (code, "退回 HOU-01", 5, letters)
    assert read.unanswered == 2


def test_merged_answer_cells_are_named_and_left_out(filler: Filler) -> None:
    filler.put(1, decision="更正", grade="C级").put(3, decision="更正", grade="C级")
    column = openpyxl.utils.get_column_letter(filler.columns["answer:grade"])
    filler.sheet.merge_cells(f"{column}5:{column}6")
    read = read_workbook(filler.save())
    assert [a.line for a in read.answers] == [7]
    assert {(r.code, r.line, r.column) for r in read.remarks} == {("merged", 5, column), ("merged", 6, column)}


@pytest.mark.parametrize(
    "typed", [dt.date(2026, 9, 1), 46266, "2026-09-01", dt.datetime(2026, 9, 1)], ids=["date", "serial", "text", "time"]
)
def test_dates_come_back_as_dates_however_the_spreadsheet_keeps_them(filler: Filler, typed: object) -> None:
    filler.put(1, appraisal_date=typed)
    if isinstance(typed, int):
        filler.cell(1, "answer:appraisal_date").number_format = "General"
    (found,) = read_workbook(filler.save()).answers
    assert found.values == {"appraisal_date": "2026-09-01"}


def test_numbers_typed_into_text_and_drop_downs_are_understood(filler: Filler) -> None:
    filler.put(1, storeys=2, area_m2=86.5, is_grade_c_renovated=True, division_code="639900102200 桥头镇 中庄村")
    (found,) = read_workbook(filler.save()).answers
    assert found.values["storeys"] == "2"
    assert found.values["area_m2"] == "86.5"
    assert found.values["is_grade_c_renovated"] == "是"


def test_a_row_that_somebody_added_is_told_apart(filler: Filler) -> None:
    filler.put(6, decision="更正", grade="C级")
    read = read_workbook(filler.save())
    assert (read.answers, only(read.remarks).code, only(read.remarks).line) == ((), "row_added", 10)


def test_lost_system_columns_are_said_once_for_the_sheet(filler: Filler) -> None:
    filler.put(1, decision="更正", grade="C级")
    filler.sheet.delete_cols(filler.columns["@seal"])
    read = read_workbook(filler.save())
    assert read.answers == ()
    assert [r.code for r in read.remarks] == ["columns_missing", "tampered"]


def test_macros_and_links_are_said_and_never_followed(filler: Filler) -> None:
    path = filler.put(1, decision="更正", grade="C级").save("带宏.xlsm")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"macro")
        archive.writestr("xl/externalLinks/externalLink1.xml", b"<externalLink/>")
    read = read_workbook(path)
    assert len(read.answers) == 1
    assert [r.code for r in read.remarks] == ["macros", "external_links"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda text: text.replace("housing", "education"), "altered"),
        (lambda text: text.replace("/1|", "/99|"), "other_layout"),
        (lambda _: "序号", "not_returned_rows"),
    ],
)
def test_a_workbook_that_is_not_ours_to_read_is_refused(filler: Filler, change: object, reason: str) -> None:
    filler.put(1, decision="更正", grade="C级")
    filler.sheet["A3"] = change(filler.sheet["A3"].value)  # type: ignore[operator]
    with pytest.raises(FileRefusedError) as caught:
        read_workbook(filler.save())
    assert caught.value.reason == reason


def test_another_countys_workbook_is_refused(filler: Filler, monkeypatch: pytest.MonkeyPatch) -> None:
    path = filler.put(1, decision="更正", grade="C级").save()
    assert settings().county_code == COUNTY
    monkeypatch.setenv("XIANJIE_COUNTY_CODE", "639901")
    settings.cache_clear()
    with pytest.raises(FileRefusedError) as caught:
        read_workbook(path)
    monkeypatch.undo()
    settings.cache_clear()
    assert caught.value.reason == "other_county"


def test_no_remark_carries_a_value(filler: Filler) -> None:
    filler.put(1, owner_id_number="6.39900E+17").put(2, decision="甲乙丙", owner_name="金丝雀")
    filler.cell(3, "@seal").value = "x"
    filler.put(3, owner_name="金丝雀")
    said = str(read_workbook(filler.save()).remarks)
    assert not [text for text in ("6.39900E+17 ", "甲乙丙", "金丝雀", WRONG_ID) if text in said]


def test_what_libreoffice_saves_says_the_same(filler: Filler, tmp_path: Path) -> None:
    filler.put(1, decision="更正", owner_id_number=OWNER_ID, grade="C级", appraisal_date=dt.date(2026, 9, 1))
    filler.put(2, decision="情况属实", reason="产权人已故\n见死亡证明").put(3, decision="更正", area_m2="=1+2")
    path = filler.save()
    out = tmp_path / "saved"
    out.mkdir()
    before, after = read_workbook(path), read_workbook(converted(path, out, "xlsx"))
    assert len(after.answers) == 2
    assert after.answers == before.answers
    assert [(r.code, r.line) for r in after.remarks] == [("formula", 7)] == [(r.code, r.line) for r in before.remarks]
    assert after.unanswered == before.unanswered == 1


def test_a_workbook_saved_in_the_old_format_is_told_what_to_do(filler: Filler, tmp_path: Path) -> None:
    out = tmp_path / "saved"
    out.mkdir()
    with pytest.raises(FileRefusedError) as caught:
        read_workbook(converted(filler.save(), out, "xls"))
    assert caught.value.reason == "old_workbook"


def test_reading_twice_says_the_same(filler: Filler) -> None:
    path = filler.put(1, decision="更正", grade="C级").save()
    assert read_workbook(path) == read_workbook(Path(shutil.copy(path, path.with_name("又一次.xlsx"))))


def test_styles_need_not_survive(filler: Filler) -> None:
    """Another program rebuilt the sheet from its values: no lock, no style, no drop-down is left."""
    filler.put(1, decision="更正", grade="C级")
    bare = openpyxl.Workbook()
    for line in filler.sheet.iter_rows():
        for cell in line:
            bare.active.cell(cell.row, cell.column).value = copy.copy(cell.value)
    path = filler.path.with_name("bare.xlsx")
    bare.save(path)
    assert len(read_workbook(path).answers) == 1

"""The workbook as its reader finds it."""

from __future__ import annotations

import datetime as dt
import zipfile
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
import report_samples as samples
import xlsxwriter

from xianjie.reports.book import Book, Column
from xianjie.reports.cut import cut
from xianjie.reports.model import Content, Edition, Mending
from xianjie.reports.rows import RowWriter, Value
from xianjie.reports.words import words
from xianjie.reports.workbook import write_workbook

NASTY = [
    "=cmd|' /C calc'!A0",
    "@SUM(A1)",
    "+1+1",
    "-2",
    "http://x.invalid",
    "<script>alert(1)</script>",
    "\x01a\r\nb",
    "_x0041_",
]


def write(
    path: Path, content: Content, edition: Edition | None = None, language: str = "zh"
) -> openpyxl.Workbook:
    write_workbook(path, content, edition or Edition(), words(language))
    return openpyxl.load_workbook(path)


def column(sheet: object, name: str) -> list[object]:
    rows = list(sheet.iter_rows(values_only=True))  # type: ignore[attr-defined]
    top = next(n for n, row in enumerate(rows) if name in row)
    return [row[rows[top].index(name)] for row in rows[top + 1 :]]


def test_a_departments_workbook_has_cover_leads_returned_rows_figures_definitions(tmp_path: Path) -> None:
    book = write(tmp_path / "a.xlsx", cut(samples.night(), samples.HOUSING))
    assert book.sheetnames == ["封面", "待办线索", "退回 HOU-01", "比对问题台账", "指标", "1+7+5+N", "口径说明"]


def test_leaders_get_summaries_and_the_whole_tree(tmp_path: Path) -> None:
    book = write(tmp_path / "a.xlsx", cut(samples.night(), samples.LEADERS))
    assert book.sheetnames == [
        "封面", "线索汇总", "待办线索", "退回汇总", "比对问题汇总", "比对问题台账", "指标", "1+7+5+N", "口径说明",
    ]  # fmt: skip
    assert len([name for name in column(book["1+7+5+N"], "节点") if name]) == 49
    assert "待县级确认" in column(book["1+7+5+N"], "状态")


def test_the_same_content_gives_the_same_bytes(tmp_path: Path) -> None:
    content = cut(samples.night(), samples.HOUSING)
    for name in ("a.xlsx", "b.xlsx"):
        write_workbook(tmp_path / name, content, Edition(), words("zh"))
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_leads_are_red_first_and_their_dates_are_dates(tmp_path: Path) -> None:
    sheet = write(tmp_path / "a.xlsx", cut(samples.night(), samples.LEADERS))["待办线索"]
    severities = column(sheet, "等级")
    assert severities == sorted(severities, key=["红", "橙", "黄"].index)
    assert all(isinstance(day, dt.datetime) for day in column(sheet, "办理期限"))
    assert all(isinstance(number, str) for number in column(sheet, "户编号"))


def test_overdue_leads_say_so_in_words(tmp_path: Path) -> None:
    late = samples.lead(due_on=samples.DAY - dt.timedelta(days=4))
    sheet = write(tmp_path / "a.xlsx", cut(samples.night(leads=(late,)), samples.HOUSING))["待办线索"]
    assert column(sheet, "剩余天数") == ["逾期 4 天"]


def test_the_short_list_of_returned_rows_points_to_the_file_to_fill_in(tmp_path: Path) -> None:
    sheet = write(tmp_path / "a.xlsx", cut(samples.night(), samples.HOUSING))["退回 HOU-01"]
    assert "returned-rows.xlsx" in sheet["A2"].value
    assert not sheet.data_validations.dataValidation
    assert sheet.print_area.endswith("$G$16")
    assert sheet.freeze_panes == "E5"
    assert sheet.page_setup.orientation == "landscape"


@pytest.mark.parametrize("text", NASTY)
def test_whatever_a_department_writes_stays_text(tmp_path: Path, text: str) -> None:
    row = samples.returned_row(source_file=text, original={"house_no": text, "grade": text})
    night = samples.night(
        returned=(replace(samples.returned_sheet(), rows=(row,)),),
        leads=(samples.lead(evidence=text, town=text, household_no=text, name_masked=text),),
        datasets=(
            replace(samples.dataset("housing", "house_safety", "HOU-01", "农房", "failed"), reason=text),
        ),
    )
    path = tmp_path / "a.xlsx"
    book = write(path, cut(night, samples.HOUSING))
    cells = [cell for sheet in book for row in sheet for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f" or (cell.hyperlink and cell.hyperlink.target)]
    with zipfile.ZipFile(path) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    assert not [name for name in parts if "externalLink" in name]
    assert not [name for name, data in parts.items() if b"<f>" in data]


def test_a_delivered_formula_does_not_wake_up_when_its_cell_is_edited(tmp_path: Path) -> None:
    sheet = write(tmp_path / "a.xlsx", cut(samples.night(), samples.HOUSING))["退回 HOU-01"]
    assert sheet["D5"].quotePrefix


def test_an_update_says_what_changed(tmp_path: Path) -> None:
    book = write(
        tmp_path / "a.xlsx", cut(samples.night(), samples.HOUSING), Edition(2, ("住建局：迟到数据已并入",))
    )
    cover = [str(row[0]) for row in book["封面"].iter_rows(values_only=True)]
    assert "更新版（第 2 版）" in cover[1]
    assert "本版更新：住建局：迟到数据已并入" in cover


def test_an_english_workbook_has_english_headings(tmp_path: Path) -> None:
    book = write(tmp_path / "a.xlsx", cut(samples.night(), samples.LEADERS), language="en")
    assert book.sheetnames[:3] == ["Cover", "Leads by township", "Leads"]


def test_an_empty_night_still_makes_a_workbook(tmp_path: Path) -> None:
    bare = samples.night(leads=(), returned=(), problems=(), indicators=(), tree=(), rules=(), slogans=())
    book = write(tmp_path / "a.xlsx", cut(bare, samples.RURAL))
    assert "今晚没有需要列出的内容。" in [row[0] for row in book["待办线索"].iter_rows(values_only=True)]


def test_rows_are_the_same_as_xlsxwriter_would_write_them(tmp_path: Path) -> None:
    """The short cut for long tables against the library's own way, for every type and every nasty text."""
    table: list[list[Value]] = [
        [text, 7, 1.25, -3, dt.date(2026, 9, 22), dt.datetime(2026, 9, 22, 20, 41), None, " 前后 ", "&<>\"'"]
        for text in [*NASTY, "张三", "", "长" * 40_000]
    ]
    for name in ("own.xlsx", "library.xlsx"):
        book = xlsxwriter.Workbook(tmp_path / name, {"constant_memory": True})
        sheet, look = book.add_worksheet(), book.add_format({"bold": True})
        book.add_format()
        writer = RowWriter(sheet, len(table[0]))
        for number, row in enumerate(table):
            if name == "own.xlsx":
                writer.write(number, 15, row, [look._get_xf_index()] * len(row))
                continue
            sheet.set_row(number, 15.0001)
            for place, value in enumerate(row):
                if isinstance(value, str):
                    sheet.write_string(number, place, value, look)
                elif isinstance(value, dt.date):
                    sheet.write_datetime(number, place, value, look)
                elif value is None:
                    sheet.write_blank(number, place, None, look)
                else:
                    sheet.write_number(number, place, value, look)
        book.close()
    own, library = (openpyxl.load_workbook(tmp_path / name).active for name in ("own.xlsx", "library.xlsx"))
    values = [[[cell.value for cell in row] for row in sheet] for sheet in (own, library)]
    assert values[0] == values[1]


def test_a_wrapped_text_gets_a_row_high_enough(tmp_path: Path) -> None:
    book = Book(tmp_path / "a.xlsx", "x", samples.DAY, "x & y")
    sheet = book.sheet("表", [10])
    book.rows(sheet, 0, [Column("a", 10, "wrap")], [["一二三四五六七八九十"], ["一"]])
    book.close()
    made = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    assert made.row_dimensions[1].height > 1.7 * made.row_dimensions[2].height


def test_the_cover_says_how_returned_rows_are_mended(tmp_path: Path) -> None:
    rows = (
        Mending("education", "教育局", 40, 9.0, 31, 120, 90, 75.0, 3.0, 2),
        Mending("housing", "住建局", 2, 1.0, 1, 8, 6, 75.0, 2.0, 0),
    )
    night = replace(samples.night(), mending=rows)
    cover = write(tmp_path / "a.xlsx", cut(night, samples.LEADERS))["封面"]
    assert column(cover, "修复率")[:2] == [75.0, 75.0]
    assert column(cover, "未修复天数（中位）")[:2] == [9, 1]
    own = write(tmp_path / "b.xlsx", cut(night, samples.HOUSING))["封面"]
    assert column(own, "反复出现")[0] == 0
    assert "教育局" not in [row[0] for row in own.iter_rows(min_row=1, values_only=True) if row[1] == 40]
    without = write(tmp_path / "c.xlsx", cut(samples.night(), samples.HOUSING))["封面"]
    assert "修复率" not in {cell for row in without.iter_rows(values_only=True) for cell in row}

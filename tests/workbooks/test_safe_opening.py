"""Whatever is sent instead of a workbook: a typed Chinese sentence, in bounded memory, and nothing runs."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from tests.raw_workbook import MAIN, raw_workbook
from xianjie.settings import REPOSITORY
from xianjie.workbooks import FileRefusedError, Limits, limits
from xianjie.workbooks.sheets import Cell, OpenWorkbook, Row, column_letters, column_number, span

RETURNS = limits("returns")


def refused(path: Path, bounds: Limits = RETURNS) -> FileRefusedError:
    with pytest.raises(FileRefusedError) as caught:
        read(path, bounds)
    return caught.value


def read(path: Path, bounds: Limits) -> list[list[Row]]:
    with OpenWorkbook(path, bounds) as book:
        return [list(book.rows(sheet)) for sheet in book.sheets]


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (b"", "a.xlsx", "empty_file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "a.xls", "old_workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "a.et", "old_workbook"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * (3 << 20) + "EncryptedPackage".encode("utf-16-le"),
            "a.xlsx",
            "encrypted",
        ),
        (b"%PDF-1.7", "a.xlsx", "pdf"),
        (b"<html><table>", "a.xls", "web_page"),
        (b"PK\x03\x04 and then nothing", "a.xlsx", "truncated"),
        ("姓名,身份证号\n".encode("gb18030"), "a.xlsx", "not_a_workbook"),
    ],
)
def test_what_is_no_workbook_is_named(tmp_path: Path, content: bytes, name: str, reason: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    error = refused(path)
    assert error.reason == reason
    assert any("\u4e00" <= letter <= "\u9fff" for letter in error.advice)


def test_a_wps_table_is_told_to_be_saved_anew(tmp_path: Path) -> None:
    (tmp_path / "a.et").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    assert ".et" in refused(tmp_path / "a.et").advice


def test_a_declared_size_that_lies_is_found_without_keeping_the_content(tmp_path: Path) -> None:
    path = raw_workbook(tmp_path / "a.xlsx", "<row r='1'><c r='A1'><v>1</v></c></row>" + " " * (1 << 20))
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    place = data.rindex(size.to_bytes(4, "little"))
    data[place : place + 4] = (200).to_bytes(4, "little")
    path.write_bytes(bytes(data))
    assert refused(path).reason == "truncated"


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = raw_workbook(tmp_path / "a.xlsx", " " * (80 << 20))
    assert path.stat().st_size < 1 << 20
    assert refused(path).reason == "zip_bomb"


@pytest.mark.parametrize(
    "sheet",
    [
        "".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(1, 100_003)),
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        '<row r="1"><c r="XFD1"><v>1</v></c><c r="A99999"><v>1</v></c></row>',
        "<row>" + "<c><v>1</v></c>" * 16_384 + "</row>" + "<row/>" * 2_000,
    ],
    ids=["too many rows", "last corner", "corner by a cell that lies", "cells without a place"],
)
def test_a_sheet_that_would_fill_the_memory_is_refused(tmp_path: Path, sheet: str) -> None:
    error = refused(raw_workbook(tmp_path / "a.xlsx", sheet))
    assert error.reason == "too_large"
    assert "没有打开" in error.advice


def test_entities_are_not_expanded(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    raw_workbook(path, "<row/>", xl__sharedStrings="x")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(
            "xl/sharedStrings.xml", f'<!DOCTYPE x [<!ENTITY a "ha">]><sst {MAIN}><si><t>&a;</t></si></sst>'
        )
    assert refused(path).reason == "truncated"


_MEASURED = """
import resource, sys
from pathlib import Path
from xianjie.workbooks import FileRefusedError, limits
from xianjie.workbooks.sheets import OpenWorkbook
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    OpenWorkbook(Path(sys.argv[1]), limits("returns"))
except FileRefusedError as error:
    print(error.reason, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def test_a_million_rows_cost_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    sheet = book.add_worksheet()
    for row in range(1_000_000):
        sheet.write_number(row, 0, row % 7919)
    book.close()
    done = subprocess.run(
        [sys.executable, "-c", _MEASURED, str(path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=REPOSITORY,
        env={"PYTHONPATH": str(REPOSITORY / "plugins"), "PATH": "/usr/bin:/bin"},
    )
    reason, grown_mb = done.stdout.split()
    assert reason == "too_large"
    assert int(grown_mb) < 60


def test_cells_are_told_apart(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet["A1"] = dt.date(2026, 9, 1)
    sheet["B1"] = "=1+1"
    sheet["C1"] = 639900198503072316
    sheet["D1"] = True
    sheet["E1"] = dt.datetime(2026, 9, 1, 8, 30)
    sheet["F1"] = "#N/A"
    sheet["A3"] = 86.5
    sheet["B3"] = " 前后 \n"
    sheet.merge_cells("C3:D4")
    book.save(tmp_path / "a.xlsx")
    with OpenWorkbook(tmp_path / "a.xlsx", RETURNS) as opened:
        first, third = opened.rows(opened.sheets[0])
        assert opened.merged(opened.sheets[0]) == [(3, 2, 4, 3)]
    assert (first.line, third.line) == (1, 3)
    assert first.cells[0] == Cell("2026-09-01", "date", False)
    assert first.cells[1].is_formula
    assert first.cells[2] == Cell("6.399001985030723E+17", "number", False)
    assert first.cells[3] == Cell("TRUE", "boolean", False)
    assert first.cells[4].text == "2026-09-01 8:30:00"
    assert first.cells[5].kind == "error"
    assert third.cells == {0: Cell("86.5", "number", False), 1: Cell(" 前后 \n", "text", False)}


def test_dates_count_from_the_year_the_workbook_says(tmp_path: Path) -> None:
    for epoch, name in ((False, "a.xlsx"), (True, "b.xlsx")):
        book = xlsxwriter.Workbook(tmp_path / name, {"date_1904": epoch})
        book.add_worksheet().write_datetime(
            0, 0, dt.datetime(2026, 9, 1), book.add_format({"num_format": 'yyyy"年"m"月"d"日"'})
        )
        book.close()
        with OpenWorkbook(tmp_path / name, RETURNS) as opened:
            (row,) = opened.rows(opened.sheets[0])
        assert row.cells[0] == Cell("2026-09-01", "date", False)


def test_places_in_words_of_a_spreadsheet() -> None:
    assert [column_letters(number) for number in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
    assert all(column_number(column_letters(number)) == number for number in range(1000))
    assert span("B2:C9") == (2, 1, 9, 2)
    assert span("$B$2") == (2, 1, 2, 1)
    assert span("nothing") is None

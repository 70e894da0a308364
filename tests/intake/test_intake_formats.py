"""Every form a file may come in is read, and lands as it came."""

from __future__ import annotations

import datetime as dt
import json

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from intake_files import ROW, WORKBOOK, contract_of, lines, pull_file, sheet_file, zipped
from intake_helpers import (
    AFTER_CUTOFF,
    BEFORE_CUTOFF,
    DAY,
    HEADER,
    PERSON,
    landed,
    last_receipt,
    make_contract,
    original,
)

from xianjie import intake, landing
from xianjie.contract.model import Source
from xianjie.intake.formats.workbook import as_text
from xianjie.settings import settings as conf

pytestmark = pytest.mark.usefixtures("warehouse_url")


# -- delimited text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_text_is_read_whatever_its_encoding_and_delimiter(box, encoding, delimiter):
    done = pull_file(box, "a.csv", lines(ROW, delimiter=delimiter).encode(encoding))
    assert landed(done.delivery_id) == [ROW]


def test_rare_characters_of_gb18030_survive(box):
    row = (PERSON, "𠮷㐀", "—€·", "1")
    assert landed(pull_file(box, "a.csv", lines(row).encode("gb18030")).delivery_id) == [row]


def test_a_long_gb18030_file_is_decoded_in_pieces(box):
    rows = [(f"{n:018d}", "张三丰", "青海省西宁市大通县桥头镇第一完全小学", "1") for n in range(120_000)]
    done = pull_file(box, "a.csv", lines(*rows).encode("gb18030"))
    assert landing.load(done.delivery_id).rows == 120_000
    assert landed(done.delivery_id, "count(*) filter (where name = '张三丰' and grade = '1')") == [(120_000,)]


def test_chinese_that_begins_late_in_the_file_is_not_garbled(box):
    contract_header = "SFZJH,XM,XXMC,NJ\n"
    ascii_rows = "".join(f"{n:018d},a,b,1\n" for n in range(60_000))
    done = pull_file(box, "a.csv", (contract_header + ascii_rows + "x,张三,一小,1\n").encode("gb18030"))
    assert landed(done.delivery_id, "name, school, _line")[-1:] == [("张三", "一小", 60_002)]


def test_title_rows_above_the_header_are_passed_over(box):
    content = "大通县在校生名册\n2026年9月,,,\n" + lines(ROW, ending="\n")
    assert landed(pull_file(box, "a.csv", content.encode()).delivery_id, "id_number, _line") == [(PERSON, 4)]


def test_a_blank_line_does_not_shift_line_numbers(box):
    content = lines(ROW, ending="\n") + "\n" + ",".join(ROW) + "\n\n\n"
    assert landed(pull_file(box, "a.csv", content.encode()).delivery_id, "_line") == [(2,), (4,)]


def test_a_quoted_header_and_quoted_cells_are_read(box):
    content = '"身份证号","姓名","学校名称","年级"\r\n"1","张""三","一,小","1"\r\n'
    assert landed(pull_file(box, "a.csv", content.encode()).delivery_id) == [("1", '张"三', "一,小", "1")]


cell = st.text(alphabet="张三1 ,\"\n\t|'；，", max_size=6)


@settings(max_examples=20, deadline=None)
@given(rows=st.lists(st.tuples(st.just("k"), cell, cell, cell), min_size=1, max_size=6))
def test_what_a_spreadsheet_writes_is_what_lands(tmp_path_factory, rows):
    import csv
    import io

    stream = io.StringIO()
    csv.writer(stream).writerows([HEADER, *rows])
    done = pull_file(tmp_path_factory.mktemp("h") / "box", "a.csv", stream.getvalue().encode())
    assert landed(done.delivery_id) == [tuple(value or None for value in row) for row in rows]


# -- workbooks


def test_a_workbook_is_read_below_its_title_rows_with_cells_as_text(box):
    sheet_file(
        box / "a.xlsx",
        [
            ["身份证号", " 姓 名 ", "学校名称*", "年级", "备注"],
            [PERSON, "张三 ", dt.date(2026, 9, 1), 1, 46266],
            [6.399e17, "李四", "２０２６．９．１", 1.5, None],
            [None, None, None, None, None],
            ["639900201001021235", "王五", True, dt.datetime(2026, 9, 1, 8, 30), "2026年9月1日"],
        ],
    )  # fmt: skip
    done = intake.pull(contract_of(box, WORKBOOK), DAY)
    assert landed(done.delivery_id, "id_number, name, school, grade, _extra, _line") == [
        (PERSON, "张三 ", "2026-09-01", "1", '{"备注":"46266"}', 4),
        ("6.399E+17", "李四", "２０２６．９．１", "1.5", None, 5),
        ("639900201001021235", "王五", "TRUE", "2026-09-01 08:30:00", '{"备注":"2026年9月1日"}', 7),
    ]
    assert original(done.delivery_id, "a.xlsx").read_bytes() == (box / "a.xlsx").read_bytes()


@pytest.mark.parametrize("title_rows", [0, 1, 5])
def test_the_header_is_found_where_it_is_not_declared(box, title_rows):
    sheet_file(box / "a.xlsx", [list(HEADER), list(ROW)], title_rows=title_rows)
    assert landed(intake.pull(contract_of(box, WORKBOOK), DAY).delivery_id) == [ROW]


def test_empty_rows_and_columns_before_the_table_do_not_count(box):
    box.mkdir()
    book = openpyxl.Workbook()
    for column, text in enumerate(HEADER, start=3):
        book.active.cell(6, column, text)
        book.active.cell(7, column, ROW[column - 3])
    book.save(box / "a.xlsx")
    done = intake.pull(contract_of(box, WORKBOOK), DAY)
    assert landed(done.delivery_id, "id_number, grade, _line") == [(PERSON, "1", 7)]


def test_a_merged_cell_stands_in_all_the_cells_it_covers(box):
    path = sheet_file(
        box / "a.xlsx",
        [list(HEADER), ["a", "甲", "一小", "1"], ["b", "乙", None, None], ["c", "丙", "二小", "3"]],
    )
    book = openpyxl.load_workbook(path)
    book.active.merge_cells("A1:D1")
    book.active.merge_cells("C4:C5")
    book.active.merge_cells("D4:D5")
    book.save(path)
    assert landed(intake.pull(contract_of(box, WORKBOOK), DAY).delivery_id) == [
        ("a", "甲", "一小", "1"), ("b", "乙", "一小", "1"), ("c", "丙", "二小", "3"),
    ]  # fmt: skip


def test_cover_and_hidden_sheets_are_passed_over(box):
    path = sheet_file(box / "a.xlsx", [["说明"]], name="说明")
    book = openpyxl.load_workbook(path)
    hidden = book.create_sheet("旧数据")
    hidden.sheet_state = "hidden"
    for sheet, value in ((hidden, "old"), (book.create_sheet("数据"), PERSON)):
        sheet.append(HEADER)
        sheet.append([value, *ROW[1:]])
    book.save(path)
    assert landed(intake.pull(contract_of(box, WORKBOOK), DAY).delivery_id) == [ROW]


def test_large_workbooks_keep_their_rows_in_order(box):
    box.mkdir()
    with xlsxwriter.Workbook(box / "a.xlsx", {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for row, values in enumerate([HEADER, *([f"{n:018d}", "张三", "一小", n] for n in range(45_000))]):
            sheet.write_row(row, 0, values)
    done = intake.pull(contract_of(box), DAY)
    wrong = landed(done.delivery_id, "count(*) filter (where _row <> grade::int + 1 or _line <> _row + 1)")
    assert (landing.load(done.delivery_id).rows, wrong) == (45_000, [(0,)])


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_keeps_its_value_as_text(value):
    assert float(as_text(value) or "") == value


# -- JSON and archives


@pytest.mark.parametrize(
    "text",
    [
        json.dumps([dict(zip(HEADER, ROW, strict=True))]),
        json.dumps({"total": 1, "rows": [dict(zip(HEADER, ROW, strict=True))]}),
        "\n".join([json.dumps(dict(zip(HEADER, ROW, strict=True)))] * 2),
        "\ufeff" + json.dumps(dict(zip(HEADER, ROW, strict=True)), ensure_ascii=False),
    ],
)
def test_json_is_read_in_its_usual_shapes(box, text):
    assert landed(pull_file(box, "a.json", text.encode()).delivery_id)[0] == ROW


def test_an_archive_of_files_is_one_delivery(box, tmp_path):
    workbook = sheet_file(tmp_path / "w" / "b.xlsx", [list(HEADER), ["b", *ROW[1:]]]).read_bytes()
    content = zipped(
        ("一.csv", lines(ROW).encode("gbk")),
        ("二/b.xlsx", workbook),
        ("readme.md", b"#"),
        ("__MACOSX/._一.csv", b"x"),
    )
    done = pull_file(box, "a.zip", content, WORKBOOK)
    assert landed(done.delivery_id, "id_number, _file") == [
        (PERSON, "a.zip/一.csv"),
        ("b", "a.zip/二/b.xlsx"),
    ]


def test_names_in_gbk_inside_an_archive_are_read(box):
    content = bytearray(zipped(("aaaa.csv", lines(ROW).encode())))
    name = "学籍".encode("gbk")
    done = pull_file(box, "a.zip", bytes(content).replace(b"aaaa.csv", name + b".csv"))
    assert landed(done.delivery_id, "_file") == [("a.zip/学籍.csv",)]


def test_the_named_sheet_is_read(box):
    sheet_file(box / "a.xlsx", [list(HEADER), list(ROW)], name="在校生")
    assert landed(intake.pull(contract_of(box, {"sheet": "在校生"}), DAY).delivery_id) == [ROW]


def test_a_header_without_rows_is_a_delivery_that_the_gate_will_judge(box):
    sheet_file(box / "a.xlsx", [list(HEADER)])
    done = intake.pull(contract_of(box, WORKBOOK), DAY)
    assert landing.load(done.delivery_id).rows == 0
    assert "没有一行数据" in str(done.reason)


def test_missing_and_renamed_columns_are_recorded_and_the_rows_land(box):
    content = lines(ROW).replace("年级", "现年级").replace("学校名称", "备注")
    done = pull_file(box, "a.csv", content.encode())
    delivery = landing.load(done.delivery_id)
    assert landed(done.delivery_id) == [(PERSON, "张三", None, None)]
    assert delivery.columns_missing == ("school", "grade")
    assert delivery.columns_unknown == ("备注", "现年级")
    assert ("grade", "现年级") in delivery.columns_renamed


# -- folders


def test_a_folder_that_is_not_there_has_not_arrived(box):
    with pytest.raises(intake.NotArrivedError):
        intake.pull(contract_of(box, path="/{business_date:%Y%m%d}/a.csv"), DAY, now=BEFORE_CUTOFF)
    assert intake.pull(contract_of(box, path="/x/a.csv"), DAY, now=AFTER_CUTOFF).outcome == "absent"


def test_a_file_that_is_overwritten_later_stays_as_it_came(box):
    done = pull_file(box, "a.csv", lines(ROW).encode())
    (box / "a.csv").write_bytes(b"other")
    assert original(done.delivery_id, "a.csv").read_bytes() == lines(ROW).encode()
    assert not list((conf().work / "staging").iterdir())


def test_an_unexpected_error_leaves_a_receipt_without_its_text(box, caplog):
    contract = contract_of(box, path="/{no_such_name}/a.csv")
    with pytest.raises(intake.PullError) as caught:
        intake.pull(contract, DAY)
    assert last_receipt()["error_code"] == "XJ-208"
    assert "KeyError" in caplog.text
    assert "no_such_name" not in f"{caplog.text}{caught.value}"
    assert caught.value.__cause__ is None


def test_an_object_store_is_a_folder_too():
    import fsspec

    with fsspec.filesystem("memory").open("/bureau/20260921/a.csv", "wb") as stream:
        stream.write(lines(ROW).encode())
    options = {"path": "memory://bureau/{business_date:%Y%m%d}/*.csv"}
    done = intake.pull(make_contract(Source(connector="folder", options=options)), DAY)
    assert landed(done.delivery_id) == [ROW]

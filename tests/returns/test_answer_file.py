"""The answer file says, row by row and in Chinese, what came of a workbook, and shows no value."""

from __future__ import annotations

import datetime as dt
import uuid
from pathlib import Path

import openpyxl
import pytest
from filled_books import DAY

from xianjie.returns.answer_file import write_answer_file
from xianjie.returns.model import Outcome, Problem, Remark, Result, Workbook

NOW = dt.datetime(2026, 9, 23, 8, 40)
SHEET = "退回 HOU-01"


def outcome(line: int, result: Result, *problems: Problem, sentence: str = "") -> Outcome:
    return Outcome(uuid.UUID(int=line), SHEET, line, result, problems, sentence)


@pytest.fixture
def answered(module_home: Path, tmp_path: Path) -> openpyxl.Workbook:
    remarks = (
        Remark("macros", "文件带有宏：宏没有运行，只读取了填写的内容。"),
        Remark("formula", "「鉴定等级」是公式。", SHEET, 7, "X"),
        Remark("digits_lost", "「产权人身份证号」后几位已丢失。", SHEET, 7, "L"),
    )
    outcomes = (
        outcome(9, "accepted"),
        outcome(5, "still_wrong", Problem("鉴定等级", "鉴定等级不在代码表内", "改为 A、B、C、D 级或未鉴定")),
        outcome(6, "already_closed", sentence="昨天的答复已办结这一行。"),
    )
    workbook = Workbook("housing", DAY, uuid.UUID(int=1), (), unanswered=31, remarks=remarks)
    write_answer_file(
        tmp_path / "a.xlsx", workbook, outcomes, file_name="住建局改好.xlsx", title="住建局", received_at=NOW
    )
    return openpyxl.load_workbook(tmp_path / "a.xlsx")


def rows(book: openpyxl.Workbook, name: str) -> list[tuple[object, ...]]:
    return [row for row in book[name].iter_rows(values_only=True) if any(row)]


def test_the_summary_comes_first_and_counts_every_row(answered: openpyxl.Workbook) -> None:
    assert answered.sheetnames == ["回执", "逐行结果"]
    said = rows(answered, "回执")
    assert said[1][0] == "住建局　住建局改好.xlsx　收到 2026-09-23 08:40"
    table = {row[0]: row[1] for row in said[said.index(next(row for row in said if row[0] == "结果" and row[1])) + 1 :]}
    assert table == {"已采用": 1, "仍有问题": 1, "没有采用": 1, "此前已办结": 1, "未填写": 31, "提示": ""}
    assert any("宏没有运行" in str(row) for row in said)


def test_each_row_says_what_is_wrong_where_and_what_to_do(answered: openpyxl.Workbook) -> None:
    heading, *lines = rows(answered, "逐行结果")
    assert heading == ("工作表", "行", "结果", "哪里不对", "怎么改", "说明")
    assert [(line[1], line[2]) for line in lines] == [
        (5, "仍有问题"), (6, "此前已办结"), (7, "没有采用"), (9, "已采用"),
    ]  # fmt: skip
    assert lines[0][3:5] == ("鉴定等级：鉴定等级不在代码表内", "改为 A、B、C、D 级或未鉴定")
    assert lines[1][5] == "昨天的答复已办结这一行。"
    assert lines[2][3] == "X 列：「鉴定等级」是公式。\nL 列：「产权人身份证号」后几位已丢失。"


def test_a_file_that_was_not_opened_gets_an_answer_too(module_home: Path, tmp_path: Path) -> None:
    remark = Remark("unreadable", "文件设有打开密码, 请取消密码后重报")
    workbook = Workbook("housing", DAY, uuid.UUID(int=0), (), remarks=(remark,))
    write_answer_file(tmp_path / "a.xlsx", workbook, (), file_name="x.xlsx", title="住建局", received_at=NOW)
    said = rows(openpyxl.load_workbook(tmp_path / "a.xlsx"), "回执")
    assert (said[-1][0], said[-1][2]) == ("提示", remark.text)

"""A draft from a sample: what each column is, a key that names rows, YAML that lints, nobody's data in it."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path

import openpyxl
import pyarrow as pa
import pytest

from xianjie.commands.inferring import drafted
from xianjie.contract.id_number import check_digit
from xianjie.contract.infer import Column, columns
from xianjie.contract.lint import lint
from xianjie.contract.model import FieldKind, FieldType
from xianjie.landing import SourceFormatError
from xianjie.settings import REPOSITORY

INCLUDE = REPOSITORY / "include"
DAY = dt.date(2026, 9, 21)
HEADER = (
    "岗位编号", "姓名", "身份证号", "性别", "类别", "发放月份", "金额(元)", "是否在岗", "经办日期", "联系电话",
    "经办人", "家庭住址", "人数",
)  # fmt: skip


def id_number(n: int) -> str:
    first = f"639900{1950 + n % 50}{1 + n % 12:02d}{1 + n % 28:02d}{n % 1000:03d}"
    return first + check_digit(first)


def row(n: int) -> list[str]:
    return [
        f"P{n // 2:05d}",
        f"马占{'林山海河'[n % 4]}{'花英梅'[n % 3]}",
        id_number(n),
        "男女"[n % 2],
        ("甲类", "乙类", "丙类")[n % 3],
        f"2026{1 + n % 9:02d}",
        f"{800 + n}.50",
        "是否"[n % 2],
        f"2026/9/{1 + n % 28}",
        f"1390000{n:04d}",
        ("李得胜", "韩永贵")[n % 2],
        f"河滩村{n}号",
        str(1 + n % 40),
    ]


ROWS = [row(n) for n in range(300)]
SECRETS = {cell for each in ROWS for place in (0, 1, 2, 9, 10, 11) for cell in [each[place]]}


@pytest.fixture(scope="module")
def found() -> dict[str, Column]:
    table = pa.table({f"c{n}": [each[n] for each in ROWS] for n in range(len(HEADER))})
    return {column.field.label: column for column in columns(HEADER, table, INCLUDE, DAY)}


@pytest.mark.parametrize(
    ("label", "kind", "type_", "level"),
    [
        ("岗位编号", FieldKind.PLAIN, FieldType.STRING, "L1"),
        ("姓名", FieldKind.NAME, FieldType.STRING, "L3"),
        ("身份证号", FieldKind.ID_NUMBER, FieldType.STRING, "L4"),
        ("发放月份", FieldKind.PLAIN, FieldType.MONTH, "L2"),
        ("金额(元)", FieldKind.PLAIN, FieldType.DECIMAL, "L2"),
        ("是否在岗", FieldKind.PLAIN, FieldType.BOOLEAN, "L2"),
        ("经办日期", FieldKind.PLAIN, FieldType.DATE, "L2"),
        ("联系电话", FieldKind.PHONE, FieldType.STRING, "L3"),
        ("经办人", FieldKind.NAME, FieldType.STRING, "L3"),
        ("家庭住址", FieldKind.ADDRESS, FieldType.STRING, "L3"),
        ("人数", FieldKind.PLAIN, FieldType.INTEGER, "L2"),
    ],
)
def test_a_column_is_what_its_values_are(
    found: dict[str, Column], label: str, kind: FieldKind, type_: FieldType, level: str
) -> None:
    field = found[label].field
    assert (field.kind, field.type, field.pi_level) == (kind, type_, level)


def test_codes_that_have_a_list_get_it_and_others_are_proposed(found: dict[str, Column]) -> None:
    assert found["性别"].field.code_list == "sex"
    assert found["类别"].field.code_list is None
    assert [text for text, _ in found["类别"].values] == ["丙类", "乙类", "甲类"]
    assert not [label for label, column in found.items() if column.has_few_values and label != "类别"]


def test_the_key_is_the_smallest_set_that_names_a_row(found: dict[str, Column]) -> None:
    assert [label for label, column in found.items() if column.is_key] == ["身份证号"]
    table = pa.table({"c0": ["a", "a", "b", "b"], "c1": ["1", "2", "1", "2"], "c2": ["x", "x", "x", None]})
    pairs = columns(("甲", "乙", "丙"), table, INCLUDE, DAY)
    assert [column.is_key for column in pairs] == [True, True, False]


def test_leading_zeros_make_a_text(found: dict[str, Column]) -> None:
    (column,) = columns(("序列",), pa.table({"c0": [f"{n:05d}" for n in range(200)]}), INCLUDE, DAY)
    assert column.field.type is FieldType.STRING


def csv_file(path: Path) -> Path:
    lines = [",".join(each) for each in [list(HEADER), *ROWS]]
    path.write_text("\n".join(lines) + "\n", encoding="gb18030")
    return path


def xlsx_file(path: Path) -> Path:
    book = openpyxl.Workbook()
    book.active.append(["公益性岗位发放表"])
    for each in [list(HEADER), *ROWS]:
        book.active.append(each)
    book.save(path)
    return path


def json_file(path: Path) -> Path:
    items = [dict(zip(HEADER, each, strict=True)) for each in ROWS]
    path.write_text(json.dumps({"data": items}, ensure_ascii=False), encoding="utf-8")
    return path


@pytest.mark.parametrize(("write", "name"), [(csv_file, "s.csv"), (xlsx_file, "s.xlsx"), (json_file, "s.json")])
def test_the_draft_of_a_file_lints_and_names_nobody(write: object, name: str, tmp_path: Path) -> None:
    file = write(tmp_path / name)  # type: ignore[operator]
    text, summary = drafted(file, ("employment", "test_sub", "试验补贴", "TST-09"), 20_000, INCLUDE)
    assert summary["key"] == ["id_number"]
    assert summary["columns"] == len(HEADER)
    assert "TODO" in text
    assert not [secret for secret in SECRETS if secret in text]
    assert not re.search(r"\d{15}", text)
    assert ("header_row: 2" in text) == (name == "s.xlsx")
    assert ("encoding: gb18030" in text) == (name == "s.csv")
    include = tmp_path / "include"
    (include / "contracts" / "employment").mkdir(parents=True)
    (include / "codes").symlink_to(INCLUDE / "codes")
    (include / "contracts" / "employment" / "test_sub.yaml").write_text(text, encoding="utf-8")
    assert lint(include) == []


def test_a_file_without_a_header_line_is_refused_and_gives_no_name_away(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    path.write_text("\n".join(",".join(each) for each in ROWS) + "\n", encoding="utf-8")
    with pytest.raises(SourceFormatError, match="没有表头行") as refused:
        drafted(path, ("employment", "test_sub", "试验补贴", "TST-09"), 20_000, INCLUDE)
    assert not [secret for secret in SECRETS if secret in str(refused.value)]


def test_a_name_above_names_is_no_heading() -> None:
    table = pa.table({"c0": [each[1] for each in ROWS]})
    (column,) = columns((ROWS[0][1],), table, INCLUDE, DAY)
    assert column.field.label == "第1列"
    assert column.values == ()

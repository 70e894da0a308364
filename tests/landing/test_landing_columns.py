from __future__ import annotations

import pytest
from landing_helpers import HEADER, make_contract

from xianjie import landing
from xianjie.contract.model import Source


def test_labels_names_and_aliases_are_all_known():
    found = landing.match(make_contract(), ("sfzjh", " 姓 名 ", "SCHOOL", "*年级："))
    assert found.positions == {"id_number": 0, "name": 1, "school": 2, "grade": 3}
    assert found.missing == found.unknown == found.renamed == ()


def test_missing_and_unknown_columns_are_recorded_not_raised():
    found = landing.match(make_contract(), ("身份证号", "备注"))
    assert found.missing == ("name", "school", "grade")
    assert found.unknown == ("备注",)


def test_a_renamed_column_is_guessed_by_its_text():
    found = landing.match(make_contract(), ("身份证号", "姓名", "现年级", "就读学校名称"))
    assert found.renamed == (("school", "就读学校名称"), ("grade", "现年级"))


def test_a_renamed_column_is_guessed_by_its_place():
    found = landing.match(make_contract(), ("身份证号", "姓名", "所在单位", "年级"))
    assert found.renamed == (("school", "所在单位"),)


def test_a_header_that_occurs_twice_counts_once():
    found = landing.match(make_contract(), ("身份证号", "姓名", "姓名", ""))
    assert found.positions["name"] == 1
    assert found.unknown == ("姓名 (3)", "第4列")


def test_bookkeeping_columns_are_neither_fields_nor_unknown():
    contract = make_contract(
        source=Source(connector="http", options={"withdrawn_field": "SFSC", "ignored_fields": ["GXSJ"]})
    )
    found = landing.match(contract, (*HEADER, "GXSJ", "SFSC"))
    assert found.unknown == ()
    assert found.withdrawn == 5


def test_a_header_without_one_known_column_is_another_file():
    with pytest.raises(landing.SourceFormatError, match="表头"):
        landing.match(make_contract(), ("甲", "乙"))


def test_title_rows_hold_no_headers_of_the_contract():
    contract = make_contract()
    assert landing.is_header(contract, ["大通县学籍在校生名册", None]) == 0
    assert landing.is_header(contract, ["身份证号", "姓名", "其他", "姓名"]) == 2

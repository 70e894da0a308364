"""Typing: every accepted way to write a value gives that value; everything else gives null, never a guess."""

from __future__ import annotations

import datetime as dt
import decimal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xianjie.contract import Field, FieldKind, clean, typed
from xianjie.contract.typing_text import clean as clean_text

ON = dt.date(2026, 9, 21)
Evaluate = Callable[[str, Sequence[str | None]], list[Any]]
BATCHES = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

dates = st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31))
WAYS_OF_DATES = (
    "{d:%Y-%m-%d}", "{d.year}-{d.month}-{d.day}", "{d.year}/{d.month}/{d.day}", "{d:%Y/%m/%d}",
    "{d.year}.{d.month}.{d.day}", "{d.year}年{d.month}月{d.day}日", "{d:%Y年%m月%d日}", "{d:%Y%m%d}",
    "{d:%Y-%m-%d} 00:00:00", "{d:%Y/%m/%d} 13:05", "{d:%Y-%m-%d}T08:00:00", "　{d:%Y-%m-%d} ",
)  # fmt: skip
WAYS_OF_MONTHS = (
    "{d:%Y%m}", "{d:%Y-%m}", "{d.year}-{d.month}", "{d.year}/{d.month}", "{d.year}年{d.month}月", "{d:%Y.%m}",
    "{d:%Y-%m-%d}",
)  # fmt: skip


def field(**values: Any) -> Field:
    return Field(name="x", label="字段", **values)


def widened(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


@BATCHES
@given(days=st.lists(dates, min_size=1, max_size=30))
def test_dates_are_read_in_all_forms(evaluate: Evaluate, days: list[dt.date]) -> None:
    expression = typed(field(type="date"), "x", ON)
    for way in WAYS_OF_DATES:
        texts = [way.format(d=day) for day in days]
        assert evaluate(expression, texts) == days
        assert evaluate(expression, [widened(text) for text in texts]) == days


@BATCHES
@given(serials=st.lists(st.integers(20000, 60000), min_size=1, max_size=50))
def test_excel_serials_are_dates(evaluate: Evaluate, serials: list[int]) -> None:
    expected = [dt.date(1899, 12, 30) + dt.timedelta(days=serial) for serial in serials]
    expression = typed(field(type="date"), "x", ON)
    assert evaluate(expression, [str(serial) for serial in serials]) == expected
    assert evaluate(expression, [f"{serial}.75" for serial in serials]) == expected


@BATCHES
@given(days=st.lists(dates, min_size=1, max_size=30))
def test_months_are_read_in_all_forms(evaluate: Evaluate, days: list[dt.date]) -> None:
    expected = [day.replace(day=1) for day in days]
    for way in WAYS_OF_MONTHS:
        assert evaluate(typed(field(type="month"), "x", ON), [way.format(d=day) for day in days]) == expected


@pytest.mark.parametrize(
    ("kind", "texts"),
    [
        (
            "date",
            [
                "2026-02-30",
                "2026-13-01",
                "20261301",
                "epoch",
                "infinity",
                "1999",
                "12-1-1",
                "0026-01-01",
                "昨天",
                "19999",
                "2026",
            ],
        ),
        ("month", ["202613", "2026", "13", "9月", "190013", "abc"]),
        ("boolean", ["也许", "2", "是否", "x"]),
        ("integer", ["3.5", "1e3", "0x10", "12,34", "1_000", "三", "99999999999", "1 2"]),
        ("decimal", ["1e3", "¥5", "1,2345", "1.2.3", "nan", "inf", "12345678901"]),
    ],
)
def test_what_is_no_value_becomes_null(evaluate: Evaluate, kind: str, texts: list[str]) -> None:
    expression = typed(field(type=kind, precision=12, scale=2), "x", ON)
    assert evaluate(expression, [*texts, "", "　", None]) == [None] * (len(texts) + 3)


@BATCHES
@given(numbers=st.lists(st.integers(-(2**31) + 1, 2**31 - 1), min_size=1, max_size=50))
def test_integers_may_have_separators_and_full_width(evaluate: Evaluate, numbers: list[int]) -> None:
    expression = typed(field(type="integer"), "x", ON)
    for way in ("{}", "{:,}", "{}.0", " {}", "{}.00"):
        texts = [way.format(number) for number in numbers]
        assert evaluate(expression, texts) == numbers
        assert evaluate(expression, [widened(text) for text in texts]) == numbers


@BATCHES
@given(numbers=st.lists(st.decimals(-99999999, 99999999, places=2), min_size=1, max_size=50))
def test_decimals_keep_their_value(evaluate: Evaluate, numbers: list[decimal.Decimal]) -> None:
    expression = typed(field(type="decimal", precision=12, scale=2), "x", ON)
    for way in ("{}", "{:,}", "　{} "):
        assert evaluate(expression, [way.format(number) for number in numbers]) == numbers


def test_yes_and_no_have_many_spellings(evaluate: Evaluate) -> None:
    expression = typed(field(type="boolean"), "x", ON)
    assert set(evaluate(expression, ["是", "有", "1", "Y", "true", " 是　", "１", "TRUE", "1.0"])) == {True}
    assert set(evaluate(expression, ["否", "无", "0", "N", "false", "０", "No"])) == {False}


def test_codes_are_read_as_code_name_or_alias(evaluate: Evaluate) -> None:
    assert evaluate(typed(field(code_list="sex"), "x", ON), ["1", "男", "男性", " 男　", "m"]) == [
        "1"
    ] * 4 + [None]
    assert evaluate(typed(field(code_list="work_place"), "x", ON), ["4", "04", "省外"]) == ["04"] * 3


def test_several_codes_are_sorted_and_refused_as_a_whole(evaluate: Evaluate) -> None:
    expression = typed(field(code_list="health_status", is_multiple=True), "x", ON)
    texts = ["残疾、长期慢性病", "长期慢性病,残疾，残疾", "健康", "健康;火星病", ""]
    assert evaluate(expression, texts) == ["chronic,disabled", "chronic,disabled", "healthy", None, None]


def test_a_code_is_read_only_while_it_is_valid(evaluate: Evaluate, include: Path) -> None:
    (include / "codes" / "old.csv").write_text(
        "list,code,name_cn,name_en,valid_from,valid_to,aliases\n"
        "scheme,old,旧办法,old,2000-01-01,2025-12-31,\nscheme,new,新办法,new,2026-01-01,,\n",
        encoding="utf-8",
    )
    for day, expected in ((dt.date(2025, 12, 31), ["old", None]), (dt.date(2026, 1, 1), [None, "new"])):
        assert evaluate(typed(field(code_list="scheme"), "x", day, include), ["旧办法", "新办法"]) == expected


def test_a_division_is_listed_or_lies_in_a_town_without_listed_villages(
    evaluate: Evaluate, include: Path
) -> None:
    (include / "codes" / "divisions.csv").write_text(
        "code,name,level,parent_code,category\n000001,县,county,0000,县\n000001100,甲镇,town,000001,镇\n"
        "000001101,乙镇,town,000001,镇\n000001101200,一村,village,000001101,村\n",
        encoding="utf-8",
    )
    texts = [
        "000001101200",
        " 000001101200",
        "000001101201",
        "000001100999",
        "000001100000",
        "000001",
        "甲镇",
        None,
    ]
    found = evaluate(typed(field(code_list="division"), "x", ON, include), texts)
    assert found == ["000001101200"] * 2 + [None, "000001100999", "000001100000", None, None, None]


def test_an_id_number_is_typed_to_its_normal_form(evaluate: Evaluate, module_home: Path) -> None:
    expression = typed(field(kind=FieldKind.ID_NUMBER), "x", ON)
    texts = [
        "639900199001010012",
        "６３９９００199001010012",
        "639900900101001",
        "63990019900101001243",
        "639900199001010011",
    ]
    assert evaluate(expression, texts) == ["639900199001010012"] * 4 + [None]


@BATCHES
@given(
    texts=st.lists(
        st.text(st.characters(codec="utf-8"), max_size=12), min_size=1, max_size=60
    )
)
def test_cleaning_is_the_same_in_python_and_sql(evaluate: Evaluate, texts: list[str]) -> None:
    dressed = [pad + text + pad for text in texts for pad in ("", "　", " \t", "\u200b", "\ufeff")]
    assert evaluate(clean("x"), dressed) == [clean_text(text) for text in dressed]

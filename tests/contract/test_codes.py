"""Code lists and divisions as of a day."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from xianjie.contract import code_list, divisions
from xianjie.contract.codes import list_names, spellings
from xianjie.errors import ContractError

ON = dt.date(2026, 9, 21)


def test_the_ethnic_groups_are_those_of_the_standard() -> None:
    groups = code_list("ethnic_group", ON)
    assert len(groups) == 58
    assert (groups["01"], groups["03"], groups["04"], groups["30"]) == ("汉族", "回族", "藏族", "土族")
    assert spellings("ethnic_group", ON)["土"] == "30"


def test_a_numeric_code_is_known_without_its_leading_zero() -> None:
    assert spellings("ethnic_group", ON)["3"] == "03"
    assert spellings("sex", ON)["1"] == "1"


def test_system_words_of_relations_lead_to_the_standard_codes() -> None:
    words = {
        "户主": "02",
        "之女婿": "28",
        "之外孙女": "44",
        "之岳母": "56",
        "之侄女": "94",
        "其他": "99",
        "长子": "22",
    }
    assert {word: spellings("family_relation", ON)[word] for word in words} == words


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("sex", "0 1 2 9"),
        ("marital_status", "10 20 21 22 23 30 40 90"),
        ("health_condition", "1 2 3 6"),
        ("educational_attainment", "10 20 30 40 60 70 80 90"),
        ("house_grade", "A B C D not_appraised"),
        ("disability_category", "1 2 3 4 5 6 7"),
        ("disability_grade", "1 2 3 4"),
        ("industry", "A B C D E F G H I J K L M N O P Q R S T"),
    ],
)
def test_the_code_lists_of_the_standards_are_whole(name: str, codes: str) -> None:
    assert set(code_list(name, ON)) == set(codes.split())


def test_every_relation_word_of_the_national_system_has_its_code() -> None:
    words = [
        "户主", "配偶", "之子", "之女", "之儿媳", "之女婿", "之孙子", "之孙女", "之外孙子", "之外孙女", "之父", "之母",
        "之岳父", "之岳母", "之公公", "之婆婆", "之祖父", "之祖母", "之曾孙子", "之曾孙女", "之兄弟姐妹", "之兄弟媳妇",
        "之叔伯", "之侄儿", "之侄女", "其他",
    ]  # fmt: skip
    known = spellings("family_relation", ON)
    assert [word for word in words if word not in known] == []
    assert len({known[word] for word in words}) == len(words)
    assert {code[0] for code in code_list("family_relation", ON)} == set("0123456789")


def test_codes_outside_their_days_are_unknown(include: Path) -> None:
    (include / "codes" / "old.csv").write_text(
        "list,code,name_cn,name_en,valid_from,valid_to,aliases\nscheme,a,甲,a,2026-01-01,2026-06-30,\n",
        encoding="utf-8",
    )
    assert code_list("scheme", dt.date(2026, 6, 30), include) == {"a": "甲"}
    assert code_list("scheme", dt.date(2026, 7, 1), include) == {}


def test_an_unknown_list_is_an_error() -> None:
    with pytest.raises(ContractError, match="没有代码表 no_such_list"):
        code_list("no_such_list", ON)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("list,code\na,b\n", "表头应为"),
        ("list,code,name_cn,name_en,valid_from,valid_to,aliases\na,b,c,d,2026-13-01,,\n", "第 2 行"),
        ("list,code,name_cn,name_en,valid_from,valid_to,aliases\na,b,c\n", "第 2 行"),
    ],
)
def test_a_broken_file_is_told_with_its_place(include: Path, text: str, told: str) -> None:
    (include / "codes" / "bad.csv").write_text(text, encoding="utf-8")
    with pytest.raises(ContractError, match=rf"bad\.csv.*{told}"):
        list_names(include)


def test_the_fixture_county_has_its_towns() -> None:
    levels = [division.level for division in divisions("639900")]
    assert levels.count("county") == 1
    assert levels.count("town") == 20
    assert code_list("division", ON)["639900"]

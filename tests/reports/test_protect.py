"""What a department may see again of its own row."""

from __future__ import annotations

import random

import pytest

from xianjie.contract.catalogue import catalogue
from xianjie.contract.model import Field, FieldKind
from xianjie.reports.protect import LONGEST, scrub, shown

CONTRACT = catalogue().get("housing.house_safety")


def cell(kind: FieldKind, text: str, name: str = "remark") -> str:
    return shown(CONTRACT, Field(name=name, label="x", kind=kind), text, "（不显示）")


@pytest.mark.parametrize(
    ("kind", "text", "printed"),
    [
        (FieldKind.ID_NUMBER, "639900198503072316", "****2316"),
        (FieldKind.ID_NUMBER, "６３９９００１９８５０３０７２３１６", "****2316"),
        (FieldKind.ID_NUMBER, "12345", "*****"),
        (FieldKind.NAME, "张三丰", "张**"),
        (FieldKind.NAME, "639900198503072316", "****"),
        (FieldKind.PHONE, "13812345678", "138****5678"),
        (FieldKind.BANK_ACCOUNT, "6228480402564890018", "****0018"),
        (FieldKind.ADDRESS, "中庄村7号", "（不显示）"),
        (FieldKind.PLAIN, "2026-09-01", "2026-09-01"),
        (FieldKind.PLAIN, " ８６.5 ", " ８６.5 "),
    ],
)
def test_a_cell_shows_no_more_than_its_kind_allows(kind: FieldKind, text: str, printed: str) -> None:
    assert cell(kind, text) == printed


@pytest.mark.parametrize(
    "text",
    [
        "见639900198503072316",
        "６３９９００１９８５０３０７２３１６",
        "639900 19850307 2316",
        "63990019850307231Ｘ",
        "G639900198503072316",
        "63990019850307231642",
        "户主639900-19850307-2316，电话",
        "639900850307231",
        "卡号6228480402564890018",
    ],
)
def test_numbers_typed_into_a_plain_field_are_masked(text: str) -> None:
    printed = scrub(text)
    assert "****" in printed
    assert "19850307" not in printed


def test_a_household_number_is_readable_but_an_id_in_its_place_is_not() -> None:
    assert shown(CONTRACT, CONTRACT.field("household_no"), "6399001020000777", "") == "6399001020000777"
    assert shown(CONTRACT, CONTRACT.field("household_no"), "639900198503072316", "") == "****2316"


def test_a_phone_number_in_a_remark_is_masked() -> None:
    assert scrub("打 13897654321 找人") == "打 138****4321 找人"


def test_a_range_of_dates_is_not_taken_for_a_number() -> None:
    assert scrub("2026-09-01—2026-09-30") == "2026-09-01—2026-09-30"


def test_long_texts_are_cut() -> None:
    assert len(scrub("长" * 5_000)) == LONGEST


def test_no_id_survives_whatever_stands_around_it() -> None:
    rng = random.Random(7)
    for _ in range(2_000):
        day = f"{rng.randrange(1, 13):02d}{rng.randrange(1, 29):02d}"
        born = f"{rng.choice((19, 20))}{rng.randrange(100):02d}{day}"
        number = f"{rng.randrange(110000, 659999)}{born}{rng.randrange(1000):03d}{rng.choice('0123456789X')}"
        before, after = ("".join(rng.choices("甲乙 a，。(（:", k=rng.randrange(4))) for _ in "ab")
        assert number[:17] not in scrub(before + number + after)

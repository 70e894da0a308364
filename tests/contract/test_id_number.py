"""ID numbers: the Python and the SQL form agree, and both with the standard written out plainly."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xianjie.contract import id_number

ON = dt.date(2026, 9, 21)
ANY_FIXTURE = {"allow_fixture": True}
Evaluate = Callable[[str, Sequence[str | None]], list[Any]]

areas = st.sampled_from(["639900", "630121", "110101", "340702", "710000"])
births = st.dates(dt.date(1897, 1, 1), ON)
sequences = st.integers(0, 999)


def plain_check_digit(first17: str) -> str:
    """GB 11643, section 4: the digit that makes the ISO 7064 MOD 11-2 sum one."""
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(first17))
    return "10X98765432"[total % 11]


@st.composite
def valid_numbers(draw: st.DrawFn) -> str:
    first17 = f"{draw(areas)}{draw(births):%Y%m%d}{draw(sequences):03}"
    return first17 + plain_check_digit(first17)


@st.composite
def spoilt_numbers(draw: st.DrawFn) -> str:
    """Valid numbers with up to three characters replaced, cut, lengthened or dressed up."""
    characters = list(draw(valid_numbers()))
    for _ in range(draw(st.integers(0, 3))):
        characters[draw(st.integers(0, len(characters) - 1))] = draw(st.sampled_from("0123456789xXAa-+ ９Ｘ"))
    text = "".join(characters)
    return draw(
        st.sampled_from(
            [
                text,
                text[:17],
                f" {text}\u3000",
                text[:6] + text[8:17],
                text + "41",
                text + "41B2",
                text + "95",
                text + "0",
            ]
        )
    )


texts = st.one_of(
    st.none(),
    st.text(max_size=24),
    spoilt_numbers(),
    valid_numbers(),
    st.text("0123456789Xx", min_size=14, max_size=23),
)


@given(valid_numbers())
def test_every_number_made_by_the_standard_is_valid(number: str) -> None:
    assert id_number.check_digit(number[:17]) == number[17]
    assert id_number.fault(number, ON, **ANY_FIXTURE) is None
    assert id_number.normalise(number.lower()) == number


@given(valid_numbers(), st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_never_passes(number: str, place: int, shift: int) -> None:
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    assert not id_number.is_valid(wrong, ON, **ANY_FIXTURE)


@given(valid_numbers().filter(lambda number: number[6:8] == "19"))
def test_an_old_number_becomes_the_new_one(number: str) -> None:
    assert id_number.normalise(number[:6] + number[8:17]) == number


@given(valid_numbers(), st.integers(1, 7), st.integers(1, 4))
def test_a_disability_certificate_holds_its_id_number(number: str, category: int, grade: int) -> None:
    for certificate in (f"{number}{category}{grade}", f"{number}{category}{grade}B1"):
        assert id_number.normalise(certificate) == number
        assert id_number.is_valid(certificate, ON, **ANY_FIXTURE)
    assert id_number.fault(f"{number}85", ON, **ANY_FIXTURE) == "certificate"


@settings(max_examples=60, deadline=None)
@given(values=st.lists(texts, min_size=1, max_size=60))
def test_the_sql_form_agrees_with_the_python_form(evaluate: Evaluate, values: list[str | None]) -> None:
    for on in (ON, None):
        for allowed in (True, False):
            faults = evaluate(id_number.fault_sql("x", on, allow_fixture=allowed), values)
            assert faults == [id_number.fault(value, on, allow_fixture=allowed) for value in values]
            usable = evaluate(id_number.valid_sql("x", on, allow_fixture=allowed), values)
            assert usable == [
                None if fault else id_number.normalise(value)
                for value, fault in zip(values, faults, strict=True)
            ]
    assert evaluate(id_number.normalise_sql("x"), values) == [id_number.normalise(value) for value in values]


@settings(max_examples=30, deadline=None)
@given(numbers=st.lists(valid_numbers(), min_size=1, max_size=60))
def test_birth_date_and_sex_are_read_from_the_number(evaluate: Evaluate, numbers: list[str]) -> None:
    born = evaluate(id_number.birth_date_sql("x"), numbers)
    assert born == [dt.datetime.strptime(number[6:14], "%Y%m%d").date() for number in numbers]
    assert evaluate(id_number.sex_sql("x"), numbers) == [
        "1" if int(number[16]) % 2 else "2" for number in numbers
    ]


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (None, "missing"),
        ("　 ", "missing"),
        ("999999201001010011", "placeholder"),
        ("63990019900101001", "length"),
        ("6399001990010100A2", "length"),
        ("830000199001010022", "foreign"),
        ("009900199001010012", "province"),
        ("639900199002300012", "date"),
        ("639900189001010010", "date"),
        ("639900202701010011", "date"),
        ("639900199001010011", "checksum"),
    ],
)
def test_each_fault_has_its_reason(number: str | None, reason: str) -> None:
    assert id_number.fault(number, ON, **ANY_FIXTURE) == reason


def test_fixture_numbers_pass_only_when_allowed() -> None:
    number = "63990019900101001" + id_number.check_digit("63990019900101001")
    assert id_number.fault(number, ON, allow_fixture=False) == "fixture"
    assert id_number.fault(number, ON, allow_fixture=True) is None

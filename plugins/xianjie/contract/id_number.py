"""Citizen ID numbers (公民身份号码, GB 11643): normal form, faults, and what they say about a person.

Every judgement exists twice: for one value in Python and, with the same result, as a DuckDB expression over a
column. Faults are named by a reason code, in this order of precedence:

==============  ==========================================================================
``missing``     nothing is there
``placeholder``  starts with 999999: the person has no ID number
``length``      not 18, 15, 20 or 22 characters, or something else than digits in between
``certificate``  a 20/22-digit disability certificate whose category or grade is wrong
``foreign``     starts with 8 or 9: a residence permit, stored but never matched
``province``    the first two digits are no province
``date``        digits 7–14 are no date, or not within 130 years before the day asked about
``checksum``    the last character does not follow from the others
``fixture``     prefix 639900, which no person has; accepted only in tests and the demo
==============  ==========================================================================
"""

from __future__ import annotations

import datetime as dt

from xianjie.contract.typing_text import clean, clean_sql
from xianjie.settings import settings

REASONS = (
    "missing", "placeholder", "length", "certificate", "foreign", "province", "date", "checksum", "fixture",
)  # fmt: skip
FIXTURE_PREFIX = "639900"

_CHECK_DIGITS = "10X98765432"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
# GB/T 2260, first two digits
_PROVINCES = (
    11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52, 53, 54,
    61, 62, 63, 64, 65, 71,
)  # fmt: skip
_MAX_AGE = 130
_BIRTH_DATES = (dt.date(1880, 1, 1), dt.date(2100, 12, 31))


def check_digit(first17: str) -> str:
    """The 18th character that belongs to 17 digits."""
    total = sum(int(digit) * weight for digit, weight in zip(first17, _WEIGHTS, strict=True))
    return _CHECK_DIGITS[total % 11]


def normalise(text: str | None) -> str | None:
    """The 18-character form: half-width, upper case, 15 → 18, the ID inside a disability certificate.

    Null when nothing is there. What cannot be brought to 18 characters comes back cleaned, to be judged.
    """
    cleaned = clean(text)
    if cleaned is None:
        return None
    upper = cleaned.replace("x", "X")
    if len(upper) == 15 and _are_digits(upper):
        longer = upper[:6] + "19" + upper[6:]
        return longer + check_digit(longer)
    return upper[:18] if len(upper) in (20, 22) else upper


def fault(text: str | None, on: dt.date | None = None, *, allow_fixture: bool | None = None) -> str | None:
    """The first reason why `text` is no usable ID number on the day `on`, or null when it is one."""
    number = normalise(text)
    if number is None:
        return "missing"
    if number.startswith("999999"):
        return "placeholder"
    if (
        len(number) != 18
        or not _are_digits(number[:17])
        or not (_are_digits(number[17]) or number[17] == "X")
    ):
        return "length"
    return _fault_of_form(clean(text) or "", number, on, _is_fixture_allowed(allow_fixture))


def _fault_of_form(delivered: str, number: str, on: dt.date | None, allow_fixture: bool) -> str | None:
    if not _is_certificate_tail(delivered[18:]):
        return "certificate"
    if number[0] in "89":
        return "foreign"
    if int(number[:2]) not in _PROVINCES:
        return "province"
    if not _is_birth_date(number[6:14], on):
        return "date"
    if number[17] != check_digit(number[:17]):
        return "checksum"
    return "fixture" if number.startswith(FIXTURE_PREFIX) and not allow_fixture else None


def is_valid(text: str | None, on: dt.date | None = None, *, allow_fixture: bool | None = None) -> bool:
    """Whether `text` is a usable ID number in any accepted form."""
    return fault(text, on, allow_fixture=allow_fixture) is None


def normalise_sql(column: str) -> str:
    """`normalise` as a DuckDB expression over a text column."""
    return _let(
        f"replace({clean_sql(column)}, 'x', 'X')",
        "s",
        f"case when length(s) = 15 and regexp_full_match(s, '[0-9]+') then {_lengthened_sql('s')}"
        " when length(s) in (20, 22) then left(s, 18) else s end",
    )


def digits_sql(column: str) -> str:
    """The first 17 digits in a column as a bigint, for `valid_sql`; null where there are none."""
    return f"try_cast(left({column}, 17) as bigint)"


def valid_sql(
    column: str, on: dt.date | None = None, *, allow_fixture: bool | None = None, digits: str | None = None
) -> str:
    """A column's ID number in normal form when it is usable, else null. Fast when nearly all are.

    Args:
        digits: a column that holds `digits_sql` of `column`; twice as fast as working that out in here.
    """
    accepted = _is_fixture_allowed(allow_fixture)
    if digits:
        plain = _usable_sql(digits, on, accepted)
    else:
        plain = _let(digits_sql(column), "n", _usable_sql("n", on, accepted))
    judged = f"case when {_fault_of_sql('s', column, on, accepted)} is null then s end"
    return (
        f"case when {column} is null then null when {plain} = {column} then {column}"
        f" else {_let(normalise_sql(column), 's', judged)} end"
    )


def fault_sql(column: str, on: dt.date | None = None, *, allow_fixture: bool | None = None) -> str:
    """`fault` as a DuckDB expression over a text column: a reason code, or null for a usable number."""
    accepted = _is_fixture_allowed(allow_fixture)
    return _let(normalise_sql(column), "s", _fault_of_sql("s", column, on, accepted))


def _fault_of_sql(number: str, delivered: str, on: dt.date | None, allow_fixture: bool) -> str:
    first, last = _birth_dates(on)
    born = f"try_strptime(substr({number}, 7, 8), '%Y%m%d')::date"
    return (
        f"case when {number} is null then 'missing' when starts_with({number}, '999999') then 'placeholder'"
        f" when not regexp_full_match({number}, '[0-9]{{17}}[0-9X]') then 'length'"
        f" when length({delivered}) > 18"
        f" and not regexp_full_match(substr({clean_sql(delivered)}, 19), '([1-7][1-4]([Bb][0-9])?)?')"
        " then 'certificate'"
        f" when left({number}, 1) in ('8', '9') then 'foreign'"
        f" when left({number}, 2) not in ({', '.join(map(repr, map(str, _PROVINCES)))}) then 'province'"
        f" when ({born} between date '{first}' and date '{last}') is not true then 'date'"
        f" when {number}[18] <> {_check_digit_of_sql(number)} then 'checksum'"
        + ("" if allow_fixture else f" when starts_with({number}, '{FIXTURE_PREFIX}') then 'fixture'")
        + " end"
    )


def birth_date_sql(column: str) -> str:
    """The birth date (date) in a column of normalised ID numbers; null when it holds none."""
    return (
        f"try_cast(substr({column}, 7, 4) || '-' || substr({column}, 11, 2) || '-' || substr({column}, 13, 2)"
        " as date)"
    )


def sex_sql(column: str) -> str:
    """The sex in a column of normalised ID numbers, as GB/T 2261.1: ``'1'`` male, ``'2'`` female."""
    return f"case ascii(substr({column}, 17, 1)) % 2 when 1 then '1' when 0 then '2' end"


def _usable_sql(number: str, on: dt.date | None, allow_fixture: bool) -> str:
    """The usable ID number whose first 17 digits are the bigint `number`; null when none has them."""
    prefix = "" if allow_fixture else f" and {number} // {10**11} <> {FIXTURE_PREFIX}"
    return (
        f"case when {number} // {10**15} in ({', '.join(map(str, _PROVINCES))}) and {_is_date_sql(number, on)}"
        f"{prefix} then {number}::varchar || {_check_digit_sql(number)} end"
    )


def _check_digit_sql(number: str) -> str:
    """The check digit of a bigint of 17 digits, without taking it apart digit by digit.

    The weights are powers of two modulo 11, and sum(d_i * 2^i) = n - sum over j of 2^(j+2) * (n // 10^j).
    """
    terms = "".join(f" - {2 ** (j + 2)} * ({number} // {10**j})" for j in range(1, 17))
    return f"'{_CHECK_DIGITS}'[(2 * (({number}{terms}) % 11)) % 11 + 1]"


def _check_digit_of_sql(text: str) -> str:
    """The check digit of 17 characters of a text; slower per row than the other, far less to plan."""
    digits = f"list_transform(string_split(left({text}, 17), ''), lambda c: try_cast(c as double))"
    weights = ", ".join(map(str, _WEIGHTS))
    return f"'{_CHECK_DIGITS}'[list_dot_product([{weights}]::double[], {digits})::integer % 11 + 1]"


def _lengthened_sql(text: str) -> str:
    longer = f"left({text}, 6) || '19' || substr({text}, 7)"
    return _let(longer, "t", f"t || {_check_digit_of_sql('t')}")


def _is_date_sql(number: str, on: dt.date | None) -> str:
    first, last = _birth_dates(on)
    day, month, year = (
        f"({number} // 1000 % 100)",
        f"({number} // 100000 % 100)",
        f"({number} // 10000000 % 10000)",
    )
    leap = f"{year} % 4 = 0 and ({year} % 100 <> 0 or {year} % 400 = 0)"
    days = (
        f"case when {month} = 2 then case when {leap} then 29 else 28 end"
        f" when {month} in (4, 6, 9, 11) then 30 else 31 end"
    )
    return (
        f"({number} // 1000 % 100000000 between {first:%Y%m%d} and {last:%Y%m%d}"
        f" and {month} between 1 and 12 and {day} >= 1 and ({day} <= 28 or {day} <= {days}))"
    )


def _birth_dates(on: dt.date | None) -> tuple[dt.date, dt.date]:
    """The first and the last birth date a living person may have on the day `on`."""
    return (dt.date(on.year - _MAX_AGE, 1, 1), on) if on else _BIRTH_DATES


def _is_certificate_tail(tail: str) -> bool:
    if not tail:
        return True
    if len(tail) not in (2, 4) or tail[0] not in "1234567" or tail[1] not in "1234":
        return False
    return len(tail) == 2 or (tail[2] in "Bb" and tail[3] in "0123456789")


def _is_birth_date(digits: str, on: dt.date | None) -> bool:
    first, last = _birth_dates(on)
    try:
        return first <= dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:])) <= last
    except ValueError:
        return False


def _is_fixture_allowed(allow_fixture: bool | None) -> bool:
    return settings().allow_fixture_ids if allow_fixture is None else allow_fixture


def _are_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _let(value: str, name: str, body: str) -> str:
    """Names an expression, so that the body may use it often and DuckDB computes it once."""
    return f"list_transform([{value}], lambda {name}: {body})[1]"

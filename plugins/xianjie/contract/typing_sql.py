"""Typing (类型转换): DuckDB expressions that turn delivered text into typed values, null when impossible.

Each expression tries what nearly every row holds first, and falls back to the forms that people type only for
the rows that need it. Whether null means "empty" or "impossible" is told by the rules of `derive`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path

from xianjie.contract import codes, id_number
from xianjie.contract.model import Field, FieldKind, FieldType
from xianjie.contract.typing_text import clean_sql

_FIRST_DAY, _LAST_DAY = "date '1900-01-01'", "date '2100-12-31'"
_EXCEL_EPOCH = "date '1899-12-30'"
_DATE_FORMATS = (
    "%Y年%m月%d日", "%Y%m%d", "%Y.%m.%d", "%Y年%m月%d", "%Y%m%d%H%M%S", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M",
    "%Y-%m-%d %H:%M", "%Y%m%d %H:%M:%S", "%Y.%m.%d %H:%M:%S", "%Y.%m.%d %H:%M", "%Y年%m月%d日 %H:%M:%S",
    "%Y年%m月%d日 %H:%M",
)  # fmt: skip
_MONTH_FORMATS = ("%Y%m", "%Y-%m", "%Y/%m", "%Y.%m", "%Y年%m月")
_TRUE = ("是", "1", "有", "true", "y", "t", "yes", "1.0", "√")
_FALSE = ("否", "0", "无", "false", "n", "f", "no", "0.0", "×")
_SEPARATORS = "[,、;|/ ]+"


def clean(column: str) -> str:
    """A delivered text column half-width and without blanks around it; null when nothing is left."""
    return clean_sql(column)


def typed(field: Field, column: str, on: dt.date, include_dir: Path | None = None) -> str:
    """The typed value of `field` from the delivered text in `column`, with the codes valid on that day."""
    if field.kind is FieldKind.ID_NUMBER:
        return id_number.valid_sql(column, on)
    if field.code_list == codes.DIVISION:
        return _division(column, include_dir)
    if field.code_list:
        return _coded(field, column, codes.spellings(field.code_list, on, include_dir))
    return {
        FieldType.STRING: lambda: clean_sql(column),
        FieldType.INTEGER: lambda: _integer(column),
        FieldType.DECIMAL: lambda: _decimal(column, field.precision or 18, field.scale or 0),
        FieldType.DATE: lambda: _date(column),
        FieldType.MONTH: lambda: _month(column),
        FieldType.BOOLEAN: lambda: _boolean(column),
    }[field.type]()


def duckdb_type(field: Field) -> str:
    """The DuckDB type of a field's typed value."""
    if field.type is FieldType.DECIMAL:
        return f"decimal({field.precision or 18}, {field.scale or 0})"
    return {
        FieldType.STRING: "varchar",
        FieldType.INTEGER: "integer",
        FieldType.DATE: "date",
        FieldType.MONTH: "date",
        FieldType.BOOLEAN: "boolean",
    }[field.type]


def _date(column: str) -> str:
    cast = f"try_cast({column} as date)"
    # DuckDB reads the words epoch and infinity as dates; they sort behind ':'.
    sane = f"{column} < ':' and {cast} between {_FIRST_DAY} and {_LAST_DAY}"
    return f"case when {sane} then {cast} else {_written_date(column)} end"


def _written_date(column: str) -> str:
    parsed = f"coalesce(try_cast(s as date), try_strptime(s, {_texts(_DATE_FORMATS)})::date)"
    bounded = f"list_filter([{parsed}], lambda d: d between {_FIRST_DAY} and {_LAST_DAY})[1]"
    return _let(
        clean_sql(column),
        f"coalesce(case when s < ':' and length(s) >= 8 then {bounded} end, {_serial('s')})",
    )


def _serial(text: str) -> str:
    number = f"try_cast({text} as double)"
    day = f"{_EXCEL_EPOCH} + floor({number})::integer"
    return f"case when floor({number}) between 20000 and 60000 then {day} end"


def _month(column: str) -> str:
    def parsed(text: str) -> str:
        month = f"try_strptime({text}, {_texts(_MONTH_FORMATS)})::date"
        return f"case when length({text}) in (6, 7, 8) then {month} end"

    day = f"date_trunc('month', {_date(column)})::date"
    found = f"coalesce({parsed(column)}, {_let(clean_sql(column), parsed('s'))}, {day})"
    bounded = f"list_filter([{found}], lambda d: d between {_FIRST_DAY} and {_LAST_DAY})[1]"
    return f"case when {column} is not null then {bounded} end"


def _boolean(column: str) -> str:
    known = _map({**dict.fromkeys(_TRUE, "true"), **dict.fromkeys(_FALSE, "false")}, "boolean")
    return f"coalesce({known}[{column}], {known}[lower({clean_sql(column)})])"


def _integer(column: str) -> str:
    plain = f"case when regexp_full_match({column}, '-?[0-9]+') then try_cast({column} as integer) else "
    return (
        plain
        + _let(
            _number(column), "case when try_cast(s as decimal(38, 9)) % 1 = 0 then try_cast(s as integer) end"
        )
        + " end"
    )


def _decimal(column: str, precision: int, scale: int) -> str:
    kind = f"decimal({precision}, {scale})"
    is_plain = f"regexp_full_match({column}, '-?[0-9]+([.][0-9]+)?')"
    slow = _let(_number(column), f"try_cast(s as {kind})")
    return f"case when {is_plain} then try_cast({column} as {kind}) else {slow} end"


def _number(column: str) -> str:
    """Cleaned text without its thousands separators, when that leaves a number."""
    grouped = r"[-+]?([0-9]{1,3}(,[0-9]{3})+|[0-9]+)([.][0-9]*)?"
    return _let(
        clean_sql(column), f"case when regexp_full_match(s, '{grouped}') then replace(s, ',', '') end"
    )


def _coded(field: Field, column: str, spellings: Mapping[str, str]) -> str:
    known = _map(spellings)
    if not field.is_multiple:
        return f"coalesce({known}[{column}], {known}[{clean_sql(column)}])"
    parts = f"list_transform(string_split_regex({clean_sql(column)}, '{_SEPARATORS}'), lambda p: {known}[p])"
    joined = _let(
        parts, "case when list_count(s) = len(s) then array_to_string(list_sort(list_distinct(s)), ',') end"
    )
    return f"case when {column} is not null then coalesce({known}[{column}], {joined}) end"


def _division(column: str, include_dir: Path | None) -> str:
    """Listed villages and towns; any village of a town whose villages are not listed."""
    listed = codes.divisions(include_dir=include_dir)
    described = {each.code[:9] for each in listed if each.level == "village"}
    known = _map({code: code for code in (each.code.ljust(12, "0") for each in listed)})
    open_towns = _map(
        {each.code: "1" for each in listed if each.level == "town" and each.code[:9] not in described}
    )
    cases = (
        f"case when {known}[s] is not null or length(s) = 12 and {open_towns}[left(s, 9)] = '1' then s end"
    )
    return f"coalesce({known}[{column}], {_let(clean_sql(column), cases)})"


def _let(value: str, body: str) -> str:
    return f"list_transform([{value}], lambda s: {body})[1]"


def _map(entries: Mapping[str, str], value_type: str = "varchar") -> str:
    """A constant map as one literal: a constructor of many constants takes DuckDB milliseconds to plan."""
    pairs = ", ".join(f"{_quoted(key)}={_quoted(value)}" for key, value in entries.items())
    return f"({_text(f'{{{pairs}}}')}::map(varchar, {value_type}))"


def _texts(values: Iterable[str]) -> str:
    """A constant list of texts as one literal."""
    items = ", ".join(map(_quoted, values))
    return f"({_text(f'[{items}]')}::varchar[])"


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"

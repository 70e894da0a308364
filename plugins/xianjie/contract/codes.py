"""Code lists and divisions (代码表、行政区划) below ``include/codes``, as of a day.

``<any>.csv`` has the columns list, code, name_cn, name_en, valid_from, valid_to, aliases (separated by
``|``); ``divisions.csv`` has code, name, level, parent_code, category.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from xianjie.errors import ContractError
from xianjie.settings import settings

DIVISION = "division"
_DIVISIONS_FILE = "divisions.csv"
_COLUMNS = ["list", "code", "name_cn", "name_en", "valid_from", "valid_to", "aliases"]


@dataclass(frozen=True)
class Code:
    """One code of one list, with the days it is valid on (`valid_to` included)."""

    list_name: str
    code: str
    name_cn: str
    name_en: str
    valid_from: dt.date
    valid_to: dt.date
    aliases: tuple[str, ...]


@dataclass(frozen=True)
class Division:
    """An administrative division (行政区划); `level` is county, town or village."""

    code: str
    name: str
    level: str
    parent_code: str
    category: str


def code_list(name: str, on: dt.date, include_dir: Path | None = None) -> dict[str, str]:
    """Code → Chinese name of list `name` on the day; `ContractError` for an unknown list."""
    if name == DIVISION:
        return {each.code: each.name for each in divisions(include_dir=include_dir)}
    return {code.code: code.name_cn for code in _valid(name, on, include_dir)}


def spellings(name: str, on: dt.date, include_dir: Path | None = None) -> dict[str, str]:
    """Every accepted way to write a code of list `name` → the code: itself, Chinese name, aliases.

    A numeric code is also accepted without its leading zeros, because spreadsheets drop them.
    """
    codes = _valid(name, on, include_dir)
    found: dict[str, str] = {}
    for code in codes:
        if code.code.isdigit():
            found.setdefault(str(int(code.code)), code.code)
    for code in codes:
        for alias in code.aliases:
            found[alias] = code.code
    for code in codes:
        found[code.name_cn] = found[code.code] = code.code
    return found


def list_names(include_dir: Path | None = None) -> frozenset[str]:
    """The names of all code lists; ``division`` is always one."""
    return frozenset(_code_lists(_folder(include_dir))) | {DIVISION}


def all_codes(include_dir: Path | None = None) -> tuple[Code, ...]:
    """Every code of every list, whatever its validity."""
    return tuple(code for codes in _code_lists(_folder(include_dir)).values() for code in codes)


def divisions(county_code: str | None = None, include_dir: Path | None = None) -> tuple[Division, ...]:
    """The divisions of a county (itself, towns, villages) in order of code; all when none is named."""
    return tuple(
        each
        for each in _divisions(_folder(include_dir))
        if county_code is None or each.code.startswith(county_code)
    )


def _valid(name: str, on: dt.date, include_dir: Path | None) -> list[Code]:
    lists = _code_lists(_folder(include_dir))
    if name not in lists:
        raise ContractError(f"没有代码表 {name}", next_command="xianjie contract lint")
    return [code for code in lists[name] if code.valid_from <= on <= code.valid_to]


def _folder(include_dir: Path | None) -> Path:
    return (include_dir or settings().include_dir) / "codes"


@lru_cache(maxsize=8)
def _code_lists(folder: Path) -> dict[str, list[Code]]:
    lists: dict[str, list[Code]] = {}
    for path in sorted(folder.glob("*.csv")):
        if path.name != _DIVISIONS_FILE:
            for code in _read_codes(path):
                lists.setdefault(code.list_name, []).append(code)
    return lists


def _read_codes(path: Path) -> Iterator[Code]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if reader.fieldnames != _COLUMNS:
            raise ContractError(
                f"{path.name}: 表头应为 {','.join(_COLUMNS)}", next_command="xianjie contract lint"
            )
        for line, row in enumerate(reader, start=2):
            try:
                yield _code(row)
            except (TypeError, ValueError):
                raise ContractError(
                    f"{path.name} 第 {line} 行: 列数不对，或起止日期不是 YYYY-MM-DD",
                    next_command="xianjie contract lint",
                ) from None


def _code(row: dict[str, str]) -> Code:
    if None in row or None in row.values():
        raise ValueError("not as many columns as the header")
    return Code(
        list_name=row["list"],
        code=row["code"],
        name_cn=row["name_cn"],
        name_en=row["name_en"],
        valid_from=dt.date.fromisoformat(row["valid_from"]) if row["valid_from"] else dt.date.min,
        valid_to=dt.date.fromisoformat(row["valid_to"]) if row["valid_to"] else dt.date.max,
        aliases=tuple(alias for alias in row["aliases"].split("|") if alias),
    )


@lru_cache(maxsize=8)
def _divisions(folder: Path) -> tuple[Division, ...]:
    path = folder / _DIVISIONS_FILE
    if not path.exists():
        return ()
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [Division(**row) for row in csv.DictReader(file)]
    return tuple(sorted(rows, key=lambda each: each.code))

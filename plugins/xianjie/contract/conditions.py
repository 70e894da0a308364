"""Conditions (规则条件) of contract files: DuckDB, with a few functions and two parameters of our own.

``id_birth_date(x)`` and ``id_sex(x)`` read a normalised ID number; ``disability(x)`` reads category and grade
(``'41'``) in the delivered text of a disability certificate. ``age(d)`` is the age in full years on the
business date, ``age_at_school_year(d)`` that at the 1 September that began its school year. ``:business_date``
and ``:county_code`` are the night's. A contract may name what its conditions share as ``terms``.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping

from xianjie.contract import id_number
from xianjie.contract.typing_text import clean_sql


def school_year_start(on: dt.date) -> dt.date:
    """The 1 September on or before the day `on`."""
    return dt.date(on.year if on.month >= 9 else on.year - 1, 9, 1)


def filled(condition: str, on: dt.date, county_code: str) -> str:
    """The condition as plain DuckDB for one night."""
    start = f"date '{school_year_start(on)}'"
    functions: dict[str, Callable[[str], str]] = {
        "id_birth_date": id_number.birth_date_sql,
        "id_sex": id_number.sex_sql,
        "disability": lambda text: f"nullif(substr({clean_sql(text)}, 19, 2), '')",
        "age": lambda day: f"date_sub('year', {day}, date '{on}')",
        "age_at_school_year": lambda day: f"date_sub('year', {day}, {start})",
    }
    parameters = {"business_date": f"date '{on}'", "county_code": f"'{county_code}'"}
    return _with_parameters(_expanded(condition, functions), parameters)


def spelled_out(condition: str, terms: Mapping[str, str]) -> str:
    """The condition with each term replaced by what it stands for; terms may use earlier ones."""
    for name, meaning in reversed(list(terms.items())):
        whole_word = rf"(?<![\w.']){re.escape(name)}\b(?!')"
        condition = re.sub(whole_word, f"({meaning})".replace("\\", r"\\"), condition)
    return condition


def _with_parameters(condition: str, parameters: Mapping[str, str]) -> str:
    return re.sub(r"(?<!:):([a-z_]+)", lambda match: parameters.get(match[1], match[0]), condition)


def _expanded(condition: str, functions: Mapping[str, Callable[[str], str]]) -> str:
    """Innermost calls last to first, so that an argument may itself hold calls."""
    call = re.compile(rf"\b({'|'.join(functions)})\(")
    while matches := list(call.finditer(condition)):
        last = matches[-1]
        end = _closing(condition, last.end())
        body = functions[last[1]](condition[last.end() : end])
        condition = f"{condition[: last.start()]}({body}){condition[end + 1 :]}"
    return condition


def _closing(text: str, start: int) -> int:
    """The position of the parenthesis that closes the one before `start`."""
    depth = 1
    for position in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[position], 0)
        if depth == 0:
            return position
    raise ValueError("unbalanced parentheses")

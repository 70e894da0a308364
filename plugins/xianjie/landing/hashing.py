"""Keys and hashes of rows as DuckDB expressions, computed in the pass that lands the rows.

Both are MD5 behind a pepper derived from the token key: without it nobody can try ID numbers against them.
Values are compared *cleaned*: trimmed, full width made half width, empty the same as missing, so that a
department's new export tool does not make every row a change. Empty trailing fields do not enter, so that a
field added at the end of a contract changes no hash until it is filled.

Cleaning costs more than parsing, and trimming alone as much: only rows that hold a character that one of them
could change take that road.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence

from xianjie.contract.model import Contract, FieldKind
from xianjie.contract.typing_sql import clean
from xianjie.database.columnar import identifier, literal
from xianjie.landing.characters import DOUBTFUL, ODD
from xianjie.settings import settings

PEPPER = "xianjie_pepper"
_SEPARATOR = "chr(31)"


def pepper_statement() -> str:
    """Sets the connection's pepper variable; the key itself never enters a statement."""
    pepper = hmac.digest(settings().require_key("token_key"), b"xianjie landing", "sha256").hex()
    return f"set variable {PEPPER} = {literal(pepper)}"


def raw_sql(purpose: str, columns: Sequence[str]) -> str:
    """Pepper, purpose and values of SQL columns as one text; null and empty are the same."""
    return _joined(purpose, columns)


def doubtful_sql(raw: str, held: frozenset[str] | None) -> str:
    """Whether a row's `raw_sql` may hold a blank around a value or a character that cleaning may change.

    Args:
        held: the doubtful characters there can be (`characters.doubtful_in`); None when that is not known.
    """
    edges = (f"{_SEPARATOR} || ' '", f"' ' || {_SEPARATOR}")
    padded = " or ".join((*(f"contains({raw}, {edge})" for edge in edges), f"suffix({raw}, ' ')"))
    if held is None:
        odd = f"regexp_matches({raw}, {literal(DOUBTFUL)})"
    else:
        odd = " or ".join(f"contains({raw}, chr({ord(character)}))" for character in sorted(held))
    # A single blank is found far faster than a separator beside it; only `case` leaves the rest undone.
    return f"(case when contains({raw}, ' ') then {padded} else false end or {odd})"


def plain_sql(raw: str, is_doubtful: str, purpose: str, columns: Sequence[str]) -> str:
    """The trimmed form of `raw` (a column holding `raw_sql` of the same purpose and columns)."""
    trimmed = _joined(purpose, [f"trim({column})" for column in columns])
    return f"case when {is_doubtful} then {trimmed} else {raw} end"


def odd_sql(plain: str, is_doubtful: str) -> str:
    """Whether a row's `plain_sql` holds a character that cleaning may change."""
    return f"case when {is_doubtful} then regexp_matches({plain}, {literal(ODD)}) else false end"


def canonical_sql(plain: str, is_odd: str, purpose: str, columns: Sequence[str]) -> str:
    """The cleaned form of `plain` (a column holding `plain_sql` of the same purpose and columns)."""
    cleaned = _joined(purpose, [clean(column) for column in columns])
    return f"case when {is_odd} then {cleaned} else {plain} end"


def _joined(purpose: str, values: Sequence[str]) -> str:
    head = f"getvariable('{PEPPER}'), {literal(purpose)}, chr(30)"
    return f"concat({head}, {_SEPARATOR}, {f', {_SEPARATOR}, '.join(values)})"


def row_columns(contract: Contract) -> list[str]:
    """The SQL columns that make a row's hash, in the contract's order."""
    return [_column(field.name) for field in contract.fields]


def key_columns(contract: Contract) -> list[str]:
    """The SQL columns that make a row's key; the x of an ID number counts as X."""
    kinds = {field.name: field.kind for field in contract.fields}
    names = ((name, _column(name)) for name in contract.key)
    return [f"upper({column})" if kinds[name] is FieldKind.ID_NUMBER else column for name, column in names]


def hash_sql(row_text: str) -> str:
    """The keyed hash of a row's canonical text, without its empty tail."""
    # `rtrim` walks a text character by character from its start; an expression bound to the end does not.
    short = rf"regexp_replace({row_text}, '\x1f+\z', '')"
    return _md5(f"case when suffix({row_text}, {_SEPARATOR}) then {short} else {row_text} end")


def key_sql(key_text: str, row_text: str) -> str:
    """The keyed hash of the canonical key; of key and whole row when a key field is missing."""
    gap = f"contains(concat({key_text}, {_SEPARATOR}), concat({_SEPARATOR}, {_SEPARATOR}))"
    return _md5(f"case when {gap} then concat({key_text}, chr(29), {row_text}) else {key_text} end")


def _md5(text: str) -> str:
    return f"md5_number({text})::uuid"


def _column(name: str) -> str:
    return identifier(name)

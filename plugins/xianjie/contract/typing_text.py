"""Cleaning of delivered text: blanks around it, full-width characters in it, and NUL, which no database keeps.

One value in Python and, with the same result, a column in DuckDB. Nearly all delivered text is clean, so the
SQL form looks first and rewrites only what needs it.
"""

from __future__ import annotations

import unicodedata

_FULL_WIDTH = {0xFF01 + offset: 0x21 + offset for offset in range(94)} | {0x3000: 0x20, 0xA0: 0x20}
_NARROWED = {**_FULL_WIDTH, 0: None}
_BLANKS = " \t\r\n\v\f\u200b\ufeff"


def clean(text: str | None) -> str | None:
    """`text` half-width and without blanks around it (full-width, zero-width); null when nothing is left."""
    if text is None:
        return None
    return text.translate(_NARROWED).strip(_BLANKS) or None


def as_compared(text: object) -> str:
    """A value as people compare it with another: without any blanks, compatibility forms made one (NFKC)."""
    return "".join(unicodedata.normalize("NFKC", str(text or "")).split())


def clean_sql(column: str) -> str:
    """`clean` as a DuckDB expression over a text column."""
    return (
        f"case when regexp_matches({column}, '{_needs_cleaning()}') then {_rewritten(column)}"
        f" else nullif({column}, '') end"
    )


def _needs_cleaning() -> str:
    blank = r"[\s\x{200b}\x{feff}\x{3000}\x{a0}\x0b]"
    return rf"[\x{{ff01}}-\x{{ff5e}}\x{{3000}}\x{{a0}}\x00]|^{blank}|{blank}$"


def _rewritten(column: str) -> str:
    wide = "".join(map(chr, _FULL_WIDTH))
    narrow = "".join(map(chr, _FULL_WIDTH.values())).replace("'", "''")
    return f"nullif(trim(translate({column}, '{wide}' || chr(0), '{narrow}'), '{_BLANKS}'), '')"

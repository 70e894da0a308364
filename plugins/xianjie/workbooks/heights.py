"""How high a row must be for its wrapped text: files written in constant memory have no automatic height."""

from __future__ import annotations

import unicodedata
from functools import lru_cache


def width_of(text: str) -> int:
    """The width of a text in Latin characters; a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WFA" else 1 for char in text)


@lru_cache(maxsize=4096)
def lines_of(text: str, width: int) -> int:
    """How many lines a text needs in a column of `width` Latin characters."""
    return sum(max(1, -(-width_of(part) // max(1, width))) for part in text.split("\n"))

"""Places of a sheet in the words of spreadsheets: letters of columns, references of ranges."""

from __future__ import annotations

import re

_SPAN = re.compile(r"^\$?([A-Z]{1,3})\$?(\d+)(?::\$?([A-Z]{1,3})\$?(\d+))?$")


def span(reference: str) -> tuple[int, int, int, int] | None:
    """``B2:C9`` as (2, 1, 9, 2); None for what is no range."""
    match = _SPAN.match(reference)
    if match is None:
        return None
    left, top, right, bottom = match.groups()
    return int(top), column_number(left), int(bottom or top), column_number(right or left)


def column_number(letters: str) -> int:
    """``A`` is 0."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def column_letters(number: int) -> str:
    """0 is ``A``."""
    letters, number = "", number + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters

"""Which delivered column is which field of the contract.

A department renames, reorders and adds columns without telling anybody. None of that is an exception: it is
recorded on the delivery, and the gate decides.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from xianjie.contract.model import Contract, Field
from xianjie.landing.errors import SourceFormatError

_ALIKE = 0.6
_NOISE = re.compile(r"[\s*＊﹡:：_\-]+")


@dataclass(frozen=True)
class ColumnMatch:
    """`positions` maps field name to the column's place in the delivered header (0-based)."""

    header: tuple[str, ...]
    positions: dict[str, int]
    withdrawn: int | None
    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    renamed: tuple[tuple[str, str], ...]

    @property
    def unknown_positions(self) -> tuple[int, ...]:
        """Places of the undeclared columns, in delivered order."""
        return tuple(place for place, name in enumerate(self.header) if name in self.unknown)


def match(contract: Contract, header: Sequence[str]) -> ColumnMatch:
    """Matches a delivered header by name, label and alias; width, case and white space do not count.

    A header that occurs twice counts once: the second is unknown. Columns named in the source option
    ``ignored_fields`` are neither fields nor unknown; ``withdrawn_field`` is the column that withdraws a row.

    Raises:
        SourceFormatError: not one column is of this contract.
    """
    names = unique_names(header)
    places = {plain(name): place for place, name in reversed(list(enumerate(names)))}
    positions = {
        field.name: places[known]
        for field in contract.fields
        for known in [next((name for name in _names(field) if name in places), None)]
        if known is not None
    }
    if not positions:
        raise SourceFormatError(
            f"{contract.title}: 表头没有一列与约定一致, 请确认是否发错文件", reason="no_header"
        )
    options = contract.source.options
    withdrawn = places.get(plain(str(options.get("withdrawn_field", ""))))
    ignored = {plain(str(name)) for name in options.get("ignored_fields", ())}
    taken = {*positions.values(), withdrawn}
    unknown = tuple(n for place, n in enumerate(names) if place not in taken and plain(n) not in ignored)
    missing = tuple(field.name for field in contract.fields if field.name not in positions)
    return ColumnMatch(
        names, positions, withdrawn, missing, unknown, _renamed(contract, names, missing, unknown)
    )


def is_header(contract: Contract, cells: Sequence[str | None]) -> int:
    """How many of these cells are names of the contract's fields; finds the header row below title rows."""
    known = {name for field in contract.fields for name in _names(field)}
    return len({plain(cell) for cell in cells if cell} & known)


def plain(name: str) -> str:
    """A header's comparable form: half width, lower case, without white space, stars and line breaks."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", name)).lower()


def unique_names(header: Sequence[str | None]) -> tuple[str, ...]:
    """Headers with a name each, none twice: an empty one is called by its place, a repeat gets a number."""
    names: list[str] = []
    for place, cell in enumerate(header, start=1):
        name = (cell or "").strip() or f"第{place}列"
        names.append(name if name not in names else f"{name} ({place})")
    return tuple(names)


def _names(field: Field) -> tuple[str, ...]:
    return _plain((field.label, field.name, *field.aliases))


@lru_cache(maxsize=4096)
def _plain(names: tuple[str, ...]) -> tuple[str, ...]:
    """`plain`, remembered: every row that might be a header is compared with all names of the contract."""
    return tuple(map(plain, names))


def _renamed(
    contract: Contract, header: Sequence[str], missing: Sequence[str], unknown: Sequence[str]
) -> tuple[tuple[str, str], ...]:
    """Pairs (missing field, unknown header) that read alike, or stand exactly where the field should."""
    order = [field.name for field in contract.fields]
    fields = {field.name: field for field in contract.fields}
    guesses: list[tuple[str, str]] = []
    for name in missing:
        free = [column for column in unknown if column not in {taken for _, taken in guesses}]
        scored = [(_likeness(fields[name], column), column) for column in free]
        best = max(scored, default=(0.0, ""))
        if best[0] >= _ALIKE:
            guesses.append((name, best[1]))
        elif len(header) == len(order) and header[order.index(name)] in free:
            guesses.append((name, header[order.index(name)]))
    return tuple(guesses)


def _likeness(field: Field, column: str) -> float:
    return max(SequenceMatcher(None, plain(column), name).ratio() for name in _names(field))

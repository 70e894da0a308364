"""Which of the characters that cleaning may change a file holds: mostly none, or a few.

Looking for a dozen characters in each row costs a fifth of looking for all of them, which costs as much as parsing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

# What `clean` may change: a row without any of these is clean once its values are trimmed of blanks.
ODD = "[\uff01-\uff5e\u3000\u00a0\u200b\ufeff\\t-\\r\\x00]"
# What is odd, and what else DuckDB's `trim` takes for a blank (all of Unicode's category Zs); the plain blank,
# which many values hold in their middle, is looked for at their ends.
DOUBTFUL = f"{ODD[:-1]}\u1680\u180e\u2000-\u200a\u202f\u205f]"

_FEW = 24  # more cost as much to look for as all of them
_CHUNK = 1 << 18  # stays in the cache of a core
_PADDING = b"  "  # a doubtful character has up to three bytes, the last of a chunk as well
_LINE_ENDS = frozenset("\r\n")


def doubtful_in(paths: Iterable[Path]) -> frozenset[str] | None:
    """The doubtful characters that UTF-8 files hold, line ends always among them; None when they are many."""
    found, is_doubtful = set(_LINE_ENDS), re.compile(DOUBTFUL).match
    for path in paths:
        for kinds in _kinds(path):
            found.update(filter(is_doubtful, kinds))
            if len(found) > _FEW:
                return None
    return frozenset(found)


def _kinds(path: Path) -> Iterator[set[str]]:
    """The control characters, and those that start with a byte as doubtful ones do, chunk by chunk."""
    tail = b""
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            yield _starting(np.frombuffer(tail + chunk + _PADDING, dtype=np.uint8))
            tail = chunk[-len(_PADDING) :]


def _starting(octets: npt.NDArray[np.uint8]) -> set[str]:
    # Chinese starts with the bytes E4 to E9.
    is_start = (octets - np.uint8(0xC2) <= 0xE3 - 0xC2) | (octets == 0xEF) | (octets < 0x0E)
    places = np.flatnonzero(is_start[: -len(_PADDING)])
    first, second, third = (octets[places + n].astype(np.uint32) for n in range(3))
    kinds = np.unique(np.where(first < 0x80, first << 16, first << 16 | second << 8 | third))
    return {int(kind).to_bytes(3, "big").decode(errors="ignore")[:1] for kind in kinds}

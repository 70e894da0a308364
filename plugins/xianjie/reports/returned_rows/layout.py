"""What a returned-rows workbook says to machines; written here, read back by ``returns``.

A hidden row names every column, so that columns may be moved and added; hidden columns hold each row's key and a
seal over it, so that rows may be sorted, deleted and copied, but not mistaken for one another.
"""

from __future__ import annotations

import datetime as dt
import hmac
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from xianjie.contract.typing_text import as_compared
from xianjie.privacy import token
from xianjie.reports.model import RETURNED_FILE

FILE_NAME = RETURNED_FILE
LAYOUT = 1
MARKER = "xianjie.returned-rows"
META_SHEET, LISTS_SHEET = "_xianjie", "_lists"
DECISION, REASON = "@decision", "@reason"
ROW_ID, ROW_HASH, VERSION, SEAL = "@row_id", "@row_hash", "@contract_version", "@seal"
HANDLES = (ROW_ID, ROW_HASH, VERSION, SEAL)
DECISIONS = {"更正": "correct", "情况属实": "waive", "作废": "void"}

_SEAL_LENGTH = 24


@dataclass(frozen=True)
class SheetMark:
    """What the first cell of the machine row says: which workbook, whose, of which dataset and night."""

    workbook_id: uuid.UUID
    county_code: str
    department: str
    dataset: str
    business_date: dt.date

    def text(self, key: bytes) -> str:
        """The mark as it stands in the cell, with its seal."""
        said = self._said()
        return f"{said}|{seal(key, said)}"

    def _said(self) -> str:
        parts = (f"{MARKER}/{LAYOUT}", self.workbook_id, self.county_code, self.department, self.dataset)
        return "|".join(map(str, (*parts, self.business_date)))


class UnknownLayoutError(ValueError):
    """The mark is of a layout this version does not read."""


def parse_mark(text: str, key: bytes) -> SheetMark | None:
    """The mark in a cell; None when the text is none, or was altered.

    Raises:
        UnknownLayoutError: it is one of another layout.
    """
    if not text.startswith(f"{MARKER}/"):
        return None
    if text.partition("|")[0] != f"{MARKER}/{LAYOUT}":
        raise UnknownLayoutError
    parts = text.split("|")
    try:
        mark = SheetMark(uuid.UUID(parts[1]), parts[2], parts[3], parts[4], dt.date.fromisoformat(parts[5]))
    except (IndexError, ValueError):
        return None
    return mark if hmac.compare_digest(mark.text(key), text) else None


def original(field: str) -> str:
    """The machine name of a field's column of delivered values."""
    return f"original:{field}"


def answer(field: str) -> str:
    """The machine name of a field's answer column."""
    return f"answer:{field}"


def workbook_id(key: bytes, county_code: str, department: str, business_date: dt.date, revision: int) -> uuid.UUID:
    """The id of a workbook: the same whenever the same edition is written again, and not to be guessed."""
    return token(key, f"{MARKER}|{county_code}|{department}|{business_date}|{revision}")


def row_seal(key: bytes, mark: SheetMark, handles: Sequence[str], record_key: Sequence[str]) -> str:
    """The seal of one row: over its workbook, its handles (id, hash, version) and the key that is seen in it.

    Whoever moves hidden cells to another row, or types over the key, breaks it.
    """
    seen = map(as_compared, record_key)
    return seal(key, "\x1f".join((str(mark.workbook_id), mark.department, mark.dataset, *handles, *seen)))


def seal(key: bytes, text: str) -> str:
    """A keyed check sum: the first 24 hex digits of HMAC-SHA256."""
    return hmac.digest(key, f"{MARKER}|{text}".encode(), "sha256").hex()[:_SEAL_LENGTH]

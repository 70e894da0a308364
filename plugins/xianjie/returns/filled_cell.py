"""One answer cell: the text it stands for, or why it cannot be taken at its word."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata

from xianjie.contract.entry import Entry, unknown_code
from xianjie.contract.model import FieldKind, FieldType
from xianjie.workbooks.sheets import Cell

CLEARED = frozenset({"清空", "（空）", "(空)"})
_SCIENTIFIC = re.compile(r"[-+]?\d+(\.\d+)?E\+?\d+", re.IGNORECASE)
_SERIALS = (20_000, 60_000)  # 1954 to 2064
_EPOCH = dt.date(1899, 12, 30)
_LONG_NUMBERS = (FieldKind.ID_NUMBER, FieldKind.BANK_ACCOUNT, FieldKind.REGISTER_NO, FieldKind.PHONE)


class CellFault(Exception):
    """Why a cell cannot be taken: a stable code and a Chinese sentence without its value."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(code)
        self.code, self.text = code, text


def value_of(entry: Entry, cell: Cell, on: dt.date) -> str:
    """The text that an answer cell stands for; empty for a value that is to be cleared.

    Raises:
        CellFault: a formula, an error, digits lost by the spreadsheet, or no choice of the list of the day `on`.
    """
    if cell.is_formula:
        raise CellFault("formula", "是公式。系统不读公式的结果，请直接写上内容。")
    if cell.kind == "error":
        raise CellFault("error_cell", "是错误值（如 #N/A），请直接写上内容。")
    text = unicodedata.normalize("NFC", cell.text).strip()
    if text in CLEARED:
        return ""
    if _is_destroyed(entry, cell, text):
        raise CellFault(
            "digits_lost", "被表格软件改成了科学计数（如 6.39900E+17），后几位已丢失，请按文本重新填写。"
        )
    text = _by_type(entry, cell, entry.meant(text))
    if unknown_code(entry.field, text, on):
        raise CellFault("not_in_list", "不在下拉列表内，请从列表里选。")
    return text


def _is_destroyed(entry: Entry, cell: Cell, text: str) -> bool:
    """Whether digits of a long number are gone; a real number may be written in powers of ten."""
    if entry.field.type in (FieldType.INTEGER, FieldType.DECIMAL):
        return False
    is_long = cell.kind == "number" and len(text.lstrip("-")) > 15 and entry.field.kind in _LONG_NUMBERS
    return is_long or bool(_SCIENTIFIC.fullmatch(text))


def _by_type(entry: Entry, cell: Cell, text: str) -> str:
    """Dates and yes/no as a spreadsheet keeps them, in the words the sieve reads."""
    kind = entry.field.type
    if cell.kind == "boolean":
        return "是" if text == "TRUE" else "否"
    if kind in (FieldType.DATE, FieldType.MONTH) and cell.kind == "number":
        text = _day(text)
    if kind is FieldType.MONTH and re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return text[:7]
    return text


def _day(text: str) -> str:
    """``46266`` is 2026-09-01; a number that is no day (202609) stays what it is."""
    if text.isdigit() and _SERIALS[0] <= int(text) <= _SERIALS[1]:
        return (_EPOCH + dt.timedelta(days=int(text))).isoformat()
    return text

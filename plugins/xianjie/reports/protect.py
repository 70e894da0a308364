"""What a department may see again of its own row: everything but the personal values.

A field's kind decides first. What stands in a plain field is not trusted to be plain: people type ID numbers
into remarks, so anything that looks like one, like an account or like a phone number is masked there too. A
person looks the original up by file and line, which the report gives.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from xianjie.contract.model import WITHHELD, Contract, Field, FieldKind
from xianjie.privacy import mask_account, mask_id, mask_name, mask_phone

LONGEST = 500  # characters of one cell; longer text is cut and marked

_DATE = r"\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_SPACE = re.compile(r"\s+")
_SEPARATOR = re.compile(r"[\s\-_—·.]+")
_ID_SHAPE = re.compile(rf"\d{{6}}(?:18|19|20){_DATE}\d{{3}}[\dXx]")
_OLD_ID_SHAPE = re.compile(rf"(?<!\d)\d{{6}}{_DATE}\d{{3}}(?!\d)")
_LONG_RUN = re.compile(r"\d{14,}[\dXx]?")
_MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_MASKS: dict[FieldKind, Callable[[str], str | None]] = {
    FieldKind.ID_NUMBER: mask_id,
    FieldKind.NAME: mask_name,
    FieldKind.PHONE: mask_phone,
    FieldKind.BANK_ACCOUNT: mask_account,
}


def shown(contract: Contract, field: Field, delivered: str | None, withheld: str) -> str:
    """The delivered text of one cell as it may be printed.

    Args:
        contract: tells which plain fields hold long numbers by nature (keys, household and division).
        field: the column.
        delivered: the text exactly as it came; None becomes the empty string.
        withheld: what stands for an address, or for a story told in words.
    """
    if not delivered:
        return ""
    if field.kind in WITHHELD:
        return withheld
    if field.kind in _MASKS:
        return _masked(field.kind, unicodedata.normalize("NFKC", delivered).strip())
    return scrub(delivered, is_number={*contract.key, contract.household, contract.division} >= {field.name})


def _masked(kind: FieldKind, text: str) -> str:
    """A mask that hides short and broken values too: never more than half of the text shows."""
    if kind is not FieldKind.NAME and len(text) < 8:
        return "*" * len(text)
    if kind is FieldKind.NAME and (any(c.isdigit() for c in text) or len(text) > 20):
        return "****"  # something else slipped into the name column
    return _MASKS[kind](text) or ""


def scrub(text: str, *, is_number: bool = False) -> str:
    """Masks what looks like an ID number, an account or a phone number within free text.

    Args:
        text: any text from a department.
        is_number: the column holds long numbers that are no secret (household or division codes); then only
            what has the shape of an ID number is masked.
    """
    plain = unicodedata.normalize("NFKC", text)
    packed, unspaced = _SEPARATOR.sub("", plain), _SPACE.sub("", plain)
    found = text
    if _ID_SHAPE.search(packed) or _OLD_ID_SHAPE.search(packed):
        found = _LONG_RUN.sub(_tail, packed)
    elif not is_number and _LONG_RUN.search(unspaced):
        found = _LONG_RUN.sub(_tail, unspaced)
    if not is_number and _MOBILE.search(seen := plain if found is text else found):
        found = _MOBILE.sub(lambda m: mask_phone(m.group()) or "", seen)
    return _cut(found)


def _tail(match: re.Match[str]) -> str:
    return "****" + match.group()[-4:]


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"

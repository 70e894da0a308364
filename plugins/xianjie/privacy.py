"""What may be shown of a person, and the keyed tokens that stand for the rest.

Masks follow the defaults of ``docs/reference/privacy.md``: an ID shows its last four characters, a name its
first, a phone its first three and last four digits, an account its last four. The SQL forms are DuckDB
expressions so that whole deliveries are masked without a Python loop.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
import uuid

_ID_IN_TEXT = re.compile(r"(?<!\d)\d{6}(?:18|19|20)\d{9}[\dXx](?!\d)|(?<!\d)\d{15}(?!\d)")
_BLOCK = 64


def token(key: bytes, text: str) -> uuid.UUID:
    """The keyed token of a text: the first 16 bytes of HMAC-SHA256, as a UUID."""
    return uuid.UUID(bytes=hmac.digest(key, text.encode(), "sha256")[:16])


def token_sql(key: bytes, expression: str) -> str:
    """`token` as a DuckDB expression (null in, null out); `expression` yields text."""
    padded = key.ljust(_BLOCK, b"\0") if len(key) <= _BLOCK else hashlib.sha256(key).digest().ljust(_BLOCK, b"\0")
    inner = _blob(bytes(b ^ 0x36 for b in padded))
    outer = _blob(bytes(b ^ 0x5C for b in padded))
    return f"left(sha256({outer} || unhex(sha256({inner} || encode({expression})))), 32)::uuid"


def _blob(data: bytes) -> str:
    return "'" + "".join(f"\\x{b:02X}" for b in data) + "'::blob"


def mask_id(text: str | None) -> str | None:
    """``639900********1234`` becomes ``****1234``."""
    return None if text is None else "****" + text[-4:]


def mask_name(text: str | None) -> str | None:
    """``张三丰`` becomes ``张**``."""
    return None if not text else text[0] + "*" * max(1, len(text) - 1)


def mask_phone(text: str | None) -> str | None:
    """``13812345678`` becomes ``138****5678``; anything else shows its last four characters."""
    if text is None:
        return None
    return f"{text[:3]}****{text[-4:]}" if len(text) == 11 else "****" + text[-4:]


def mask_account(text: str | None) -> str | None:
    """A bank account shows its last four digits."""
    return None if text is None else "****" + text[-4:]


def mask_sql(kind: str, column: str) -> str:
    """The mask of a field of `kind` (a `FieldKind` that keeps a mask) as a DuckDB expression."""
    tail = f"'****' || right({column}, 4)"
    return {
        "id_number": tail,
        "bank_account": tail,
        "register_no": tail,
        "name": f"left({column}, 1) || repeat('*', greatest(1, length({column}) - 1))",
        "phone": f"case when length({column}) = 11 then left({column}, 3) || {tail} else {tail} end",
    }[kind]


def redact(text: str) -> str:
    """Replaces everything that looks like an ID number; the last line of defence for logs."""
    return _ID_IN_TEXT.sub("[ID]", text)


class RedactingFilter(logging.Filter):
    """Redacts ID numbers from log records of whatever library wrote them."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always true; the record's message is replaced when it holds an ID number."""
        message = record.getMessage()
        clean = redact(message)
        if clean != message:
            record.msg, record.args = clean, ()
        return True

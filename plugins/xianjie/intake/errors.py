"""What can go wrong while pulling, by what helps: a person now, trying again, or waiting.

None of these carries a value of a row, an address or a secret. `SourceFormatError` is the landing's.
"""

from __future__ import annotations

from xianjie.errors import XianjieError
from xianjie.landing.errors import SourceFormatError

__all__ = [
    "NotArrivedError",
    "PullError",
    "SourceAuthError",
    "SourceConfigurationError",
    "SourceConnectionError",
    "SourceFormatError",
    "SourceRateLimitedError",
]

_KEPT = "未入库, 上次数据继续有效"


class _SourceError(XianjieError):
    """A failure at the department's end; `next_command` is the same for all until told otherwise."""

    def __init__(self, message: str, *, next_command: str = "xianjie night status") -> None:
        super().__init__(message, data=_KEPT, next_command=next_command)


class SourceAuthError(_SourceError):
    """The source does not let us in: password, token, host key, rights. Trying again does not help."""

    code = "XJ-203"


class SourceConnectionError(_SourceError):
    """The source cannot be reached, broke off or is under maintenance; trying again may help."""

    code = "XJ-204"


class SourceRateLimitedError(_SourceError):
    """The source asks for fewer requests, again and again; trying later helps."""

    code = "XJ-205"


class NotArrivedError(_SourceError):
    """What the department delivers is not there yet; worth waiting for until the cutoff."""

    code = "XJ-206"


class SourceConfigurationError(_SourceError):
    """The Airflow connection or an option of the contract is missing or makes no sense."""

    code = "XJ-207"


class PullError(_SourceError):
    """Something of ours broke while pulling; the log names the kind of error and the line, not the text."""

    code = "XJ-208"

"""What can go wrong while packs are built and mailed."""

from __future__ import annotations

from xianjie.errors import XianjieError


class ReportError(XianjieError):
    """A pack could not be built; packs of other recipients are not touched."""

    code = "XJ-901"


class MailError(XianjieError):
    """The mail server refused or cannot be reached; the notice stays queued."""

    code = "XJ-902"


class UncertainError(MailError):
    """The mail server broke off while taking a notice: it may or may not have arrived."""

    code = "XJ-903"

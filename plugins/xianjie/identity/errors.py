"""What can go wrong while rows are linked to persons."""

from __future__ import annotations

from xianjie.errors import XianjieError


class LinkError(XianjieError):
    """A delivery's accepted rows could not be linked; nothing of it was merged."""

    code = "XJ-501"


class AliasError(XianjieError):
    """Two tokens cannot be made one person, or parted, the way that was asked for."""

    code = "XJ-502"


class VaultError(XianjieError):
    """A secret does not open: another key wrote it, or the row was tampered with."""

    code = "XJ-503"

"""What can go wrong with a decision on a finding."""

from __future__ import annotations

from xianjie.errors import XianjieError


class SettlementError(XianjieError):
    """A decision that cannot be taken: no such open finding, not a conflict, or no night evaluated yet."""

    code = "XJ-611"

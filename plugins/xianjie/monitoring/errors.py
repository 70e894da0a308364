"""What can go wrong with a decision on a lead."""

from __future__ import annotations

from xianjie.errors import XianjieError


class LeadError(XianjieError):
    """A decision on a lead that cannot be taken: no such open lead, or an unknown state or reason code."""

    code = "XJ-702"

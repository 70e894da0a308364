"""What can go wrong when a number is asked where it comes from."""

from __future__ import annotations

from xianjie.errors import XianjieError


class NoSuchValueError(XianjieError):
    """Nothing was published for this indicator, division and business date."""

    code = "XJ-801"

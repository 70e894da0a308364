"""What can go wrong while the warehouse takes a night in; in every case nothing of it was kept."""

from __future__ import annotations

from xianjie.errors import XianjieError


class NotAcceptedError(XianjieError):
    """A delivery was to be merged that nobody accepted."""

    code = "XJ-603"


class DatasetShapeError(XianjieError):
    """A contract changed in a way its tables cannot follow without a migration."""

    code = "XJ-604"


class LateNightError(XianjieError):
    """A late delivery contradicts a later one so much that the later one would be refused."""

    code = "XJ-605"


class NightError(XianjieError):
    """Some datasets of a night were not merged; the others were."""

    code = "XJ-606"

"""What can go wrong in validation itself; a department's bad data is never among it."""

from __future__ import annotations

from xianjie.errors import XianjieError


class SieveError(XianjieError):
    """A rule's condition does not run; its id is named, the row's values are not."""

    code = "XJ-402"


class GateError(XianjieError):
    """An expectation of the gate broke (not: was not met). A mistake of ours, never of the data."""

    code = "XJ-403"


class DecisionError(XianjieError):
    """A delivery that is not held cannot be approved or refused by a person."""

    code = "XJ-404"


class CheckError(XianjieError):
    """One or more datasets of a department could not be judged; the others were."""

    code = "XJ-405"

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


class AlreadyDecidedError(DecisionError):
    """Somebody else was faster; `decision`, `by` and `why` are what stands."""

    code = "XJ-406"

    def __init__(self, decision: str, by: str, why: str) -> None:
        done = "接收" if decision == "accept" else "拒收"
        super().__init__(f"这次交付已由{by}{done}：{why}", next_command="xianjie night status")
        self.decision, self.by, self.why = decision, by, why


class CheckError(XianjieError):
    """One or more datasets of a department could not be judged; the others were."""

    code = "XJ-405"

"""Every failure of ours, by kind.

Bad data is never an exception: it is a row with reasons, or a receipt. What is raised here says in Chinese
what happened to the data (for the person on duty) and which command to run next (for the engineer). No
message may carry a value from a department's row.
"""

from __future__ import annotations


class XianjieError(Exception):
    """Base of all our errors.

    Args:
        message: one Chinese sentence a clerk can act on; never a value from a row.
        data: what happened to the data, in Chinese.
        next_command: the shell command an engineer runs next.
    """

    code = "XJ-000"

    def __init__(self, message: str, *, data: str = "数据未改动", next_command: str = "xianjie night status") -> None:
        super().__init__(message)
        self.message = message
        self.data = data
        self.next_command = next_command

    def __str__(self) -> str:
        return f"[{self.code}] {self.message} | 数据: {self.data} | 下一步: {self.next_command}"


class SettingsError(XianjieError):
    """A setting is missing or wrong."""

    code = "XJ-001"


class BusinessDateError(XianjieError):
    """A run came without a business date."""

    code = "XJ-002"


class ContractError(XianjieError):
    """One or more contracts do not lint; all faults are listed at once."""

    code = "XJ-101"


class LedgerError(XianjieError):
    """Rows in are not rows accounted for. Nothing was published."""

    code = "XJ-401"


class StaleBaseError(XianjieError):
    """A delivery was compared with a base that is no longer the warehouse's."""

    code = "XJ-601"


class WarehouseError(XianjieError):
    """The warehouse cannot be reached or its schema is older than the code."""

    code = "XJ-602"

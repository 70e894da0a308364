"""What can go wrong while landing: the file is not what the contract promises, or a delivery is not there."""

from __future__ import annotations

from xianjie.errors import XianjieError


class SourceFormatError(XianjieError):
    """A delivered file or page cannot be read as the contract's dataset; trying again does not help.

    `reason` is one of a closed list (see ``docs/reference/intake.md``): it tells an encrypted workbook from a
    truncated one without a word of what was in it.
    """

    code = "XJ-201"

    def __init__(self, message: str, *, reason: str = "unreadable") -> None:
        super().__init__(message, data="未入库, 上次数据继续有效", next_command="xianjie night status")
        self.reason = reason


class DeliveryNotFoundError(XianjieError):
    """No manifest stands where the delivery should be: it never landed, or was removed."""

    code = "XJ-202"

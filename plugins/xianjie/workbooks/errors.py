"""What can go wrong while opening a file from outside."""

from __future__ import annotations

from xianjie.errors import XianjieError


class FileRefusedError(XianjieError):
    """A file that cannot, or for safety's sake must not, be opened.

    `reason` is one of a closed list (see ``docs/reference/intake.md``); `advice` is the Chinese sentence for the
    sender, without the file's name and without any of its content.
    """

    code = "XJ-209"

    def __init__(self, reason: str, advice: str) -> None:
        super().__init__(advice, data="未读取文件内容")
        self.reason = reason
        self.advice = advice

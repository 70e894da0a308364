"""What can go wrong on the way back, apart from wrong answers, which are outcomes of their rows."""

from __future__ import annotations

from xianjie.errors import XianjieError


class ReturnsError(XianjieError):
    """Answers were taken in but could not be carried through; running the same again goes on from there."""

    code = "XJ-911"


class NoSuchItemError(XianjieError):
    """There is no such returned row, or it is closed."""

    code = "XJ-912"


class WaiverError(XianjieError):
    """What was asked to be waived cannot be: no reason, too long, or a rule that leaves no value to take in."""

    code = "XJ-913"


class ChannelError(XianjieError):
    """A channel cannot be read or written; what lies in it stays there, the other channels go on."""

    code = "XJ-914"


class NotConnectedError(ChannelError):
    """Airflow has no connection of the channel's name: it is not in use in this county yet."""

    code = "XJ-915"


class InboxError(XianjieError):
    """Some channels or files could not be worked on; they stay where they are, the others are done."""

    code = "XJ-916"

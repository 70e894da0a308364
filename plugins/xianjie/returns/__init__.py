"""Returns (回收): what an office corrects comes back as a delivery, like everything else.

In: files that offices put into a channel: filled-in workbooks of returned rows (`Workbook`), and submissions.
Out: one delivery of origin ``returns`` a dataset, landed, sieved, merged; items of ``quality`` closed or opened
again; ``quality.correction`` and ``quality.waiver``; and an `Outcome` for each answered row.
Wrong: a bad answer is an outcome of its row, never an exception. `ChannelError`: a channel is away; `InboxError`:
a file was not finished; both leave the file where it is.
"""

from xianjie.returns.apply import apply
from xianjie.returns.expiry import Expired, expire
from xianjie.returns.handout import HandedOut, hand_out
from xianjie.returns.inbox import Collected, TakenIn, collect, hand_in, take_in
from xianjie.returns.model import Answer, Decision, Outcome, Problem, Remark, Result, Workbook
from xianjie.returns.replaying import Replayed, replay
from xianjie.returns.waivers import end_waivers, waive

__all__ = [
    "Answer",
    "Collected",
    "Decision",
    "Expired",
    "HandedOut",
    "Outcome",
    "Problem",
    "Remark",
    "Replayed",
    "Result",
    "TakenIn",
    "Workbook",
    "apply",
    "collect",
    "end_waivers",
    "expire",
    "hand_in",
    "hand_out",
    "replay",
    "take_in",
    "waive",
]

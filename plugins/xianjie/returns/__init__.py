"""Returns (回收): what an office corrects comes back as a delivery, like everything else.

In: a returned-rows workbook as read (`Workbook`), with the file it came in.
Out: one delivery of origin ``returns`` a dataset, landed, sieved, merged; items of ``quality`` closed or opened
again; ``quality.correction`` and ``quality.waiver``; and an `Outcome` for each answered row.
Wrong: a bad answer is an outcome of its row, never an exception.
"""

from xianjie.returns.apply import apply
from xianjie.returns.model import Answer, Decision, Outcome, Problem, Remark, Result, Workbook

__all__ = ["Answer", "Decision", "Outcome", "Problem", "Remark", "Result", "Workbook", "apply"]

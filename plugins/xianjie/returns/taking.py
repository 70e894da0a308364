"""Takes in one file: what it is, whether it is this office's, what became of its rows, and the answer."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from dataclasses import dataclass, field

from xianjie import dates
from xianjie.returns import files
from xianjie.returns.apply import apply
from xianjie.returns.files import ReturnedFile
from xianjie.returns.model import Outcome, Remark, Workbook
from xianjie.returns.receipt_book import write_receipt
from xianjie.returns.workbook import read_workbook
from xianjie.workbooks import FileRefusedError

WRONG_OFFICE = "RET-WRONG-OFFICE"
UNREADABLE = "RET-UNREADABLE"


@dataclass(frozen=True)
class Taken:
    """What a file came to: its state, and answered rows by result."""

    state: str
    counts: Counter[str] = field(default_factory=Counter)


def take(file: ReturnedFile, business_date: dt.date, county_code: str) -> Taken:
    """Judges a file and writes its answer; the database knows only when all of it is done, so it may be repeated.

    Raises:
        XianjieError: a mistake of ours; the file stays to be taken in again.
    """
    try:
        workbook = read_workbook(file.path)
    except FileRefusedError as refused:
        return _refuse(file, business_date, UNREADABLE, refused.advice)
    if workbook.department != file.department:
        return _refuse(file, business_date, WRONG_OFFICE, "这是其他单位的退回数据工作簿，没有采用；请核对后重新发送")
    outcomes = apply(
        workbook, file.path, channel=file.channel, business_date=business_date, by=file.by_whom
    )
    write_receipt(file.answer, workbook, outcomes)
    counts = Counter(outcome.result for outcome in outcomes)
    counts["unanswered"], counts["remarks"] = workbook.unanswered, len(workbook.remarks)
    _done(file, business_date, state="taken", kind="returned_rows", counts=counts)
    return Taken("taken", counts)


def _refuse(file: ReturnedFile, business_date: dt.date, code: str, reason: str) -> Taken:
    """The whole file is not taken; its answer says why."""
    nobody = Workbook(file.department or "", business_date, uuid.UUID(int=0), (), 0, (Remark(code, reason),))
    outcomes: tuple[Outcome, ...] = ()
    write_receipt(file.answer, nobody, outcomes)
    _done(file, business_date, state="refused", kind="unknown", error_code=code, reason=reason)
    return Taken("refused")


def _done(file: ReturnedFile, business_date: dt.date, **values: object) -> None:
    blank = {"error_code": None, "reason": None, "counts": {}}
    files.mark(file.file_id, **(blank | values), business_date=business_date, taken_at=dates.now())

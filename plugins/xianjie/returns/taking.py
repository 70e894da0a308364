"""Takes in one file: what it is, whether it is this office's, what became of its rows, and the answer."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from xianjie import dates
from xianjie.accountability.framework import accountability
from xianjie.returns import files
from xianjie.returns.answer_file import write_answer_file
from xianjie.returns.apply import apply
from xianjie.returns.files import ReturnedFile
from xianjie.returns.model import Outcome, Remark, Workbook
from xianjie.returns.submission import Submitted, contract_in, submit
from xianjie.returns.workbook import read_workbook
from xianjie.workbooks import FileRefusedError

WRONG_OFFICE = ("RET-WRONG-OFFICE", "这是其他单位的工作簿，没有采用；请核对后重新发送")
UNREADABLE = "RET-UNREADABLE"
State = Literal["taken", "refused"]


@dataclass(frozen=True)
class Taken:
    """What a file came to: its state, and answered rows by result (a submission: rows by what became of them)."""

    state: State
    counts: Mapping[str, int] = field(default_factory=dict)


def take(file: ReturnedFile, business_date: dt.date, county_code: str) -> Taken:
    """Judges a file and writes its answer; the database knows only when all of it is done, so it may be repeated.

    Raises:
        XianjieError: a mistake of ours; the file stays to be taken in again.
    """
    contract = contract_in(file.path)
    if contract is not None:
        if contract.department != file.department:
            return _refuse(file, business_date, "submission", *WRONG_OFFICE)
        return _submitted(file, business_date, submit(contract, file, business_date, county_code))
    try:
        workbook = read_workbook(file.path)
    except FileRefusedError as refused:
        return _refuse(file, business_date, "unknown", UNREADABLE, refused.advice)
    if workbook.department != file.department:
        return _refuse(file, business_date, "returned_rows", *WRONG_OFFICE)
    outcomes = apply(
        workbook,
        file.path,
        channel=file.channel,
        business_date=business_date,
        by=file.by_whom,
        was_told=files.was_told(file),
    )
    _answer(file, workbook, outcomes)
    counts: Counter[str] = Counter(outcome.result for outcome in outcomes)
    counts["unanswered"], counts["remarks"] = workbook.unanswered, len(workbook.remarks)
    return _done(file, business_date, "returned_rows", "taken", counts=counts)


def _submitted(file: ReturnedFile, business_date: dt.date, done: Submitted) -> Taken:
    remarks = tuple(Remark(done.code, sentence) for sentence in done.sentences)
    _answer(file, _without_answers(file, business_date, remarks), ())
    code, reason = (None, None) if done.is_taken else (done.code, done.sentences[0])
    state: State = "taken" if done.is_taken else "refused"
    return _done(file, business_date, "submission", state, code=code, reason=reason, counts=done.counts)


def _refuse(file: ReturnedFile, business_date: dt.date, kind: str, code: str, reason: str) -> Taken:
    """The whole file is not taken; its answer says why."""
    _answer(file, _without_answers(file, business_date, (Remark(code, reason),)), ())
    return _done(file, business_date, kind, "refused", code=code, reason=reason)


def _without_answers(file: ReturnedFile, business_date: dt.date, remarks: tuple[Remark, ...]) -> Workbook:
    return Workbook(file.department or "", business_date, uuid.UUID(int=0), (), 0, remarks)


def _answer(file: ReturnedFile, workbook: Workbook, outcomes: Sequence[Outcome]) -> None:
    """Writes the answer aside and renames it."""
    aside = file.answer.with_suffix(".part.xlsx")
    write_answer_file(
        aside,
        workbook,
        outcomes,
        file_name=Path(file.arrival.name).name,
        title=accountability().organisation(file.department or "").name,
        received_at=file.received_at.astimezone(dates.SHANGHAI),
    )
    aside.replace(file.answer)


def _done(
    file: ReturnedFile,
    business_date: dt.date,
    kind: str,
    state: State,
    *,
    code: str | None = None,
    reason: str | None = None,
    counts: Mapping[str, int] | None = None,
) -> Taken:
    files.mark(
        file.file_id,
        kind=kind,
        state=state,
        error_code=code,
        reason=reason,
        counts=counts or {},
        business_date=business_date,
        taken_at=dates.now(),
    )
    return Taken(state, counts or {})

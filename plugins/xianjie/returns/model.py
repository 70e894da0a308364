"""What a returned workbook says, and what came of each row of it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Decision = Literal["correct", "waive", "void"]
"""更正: the answered cells replace the delivered ones. 情况属实: true as it is. 作废: the row should not exist."""

Result = Literal[
    "accepted",
    "still_wrong",
    "waived",
    "void",
    "already_closed",
    "not_yours",
    "unknown_row",
    "superseded",
]


@dataclass(frozen=True)
class Answer:
    """One answered row of a returned-rows workbook (退回数据工作簿).

    `department` and `dataset` are as the workbook claims; they are checked against the item. `values` holds the
    answered cells only, as text by field name; `sheet` and `line` say where the row stands in the file as it came
    back (1-based, as a spreadsheet shows it).
    """

    row_id: uuid.UUID
    department: str
    dataset: str
    contract_version: str
    decision: Decision
    values: Mapping[str, str] = field(repr=False)  # personal values: never in a log
    reason: str = field(repr=False)
    sheet: str
    line: int


@dataclass(frozen=True)
class Remark:
    """A fault of the file or of a cell: a stable code, a Chinese sentence without values, and the place."""

    code: str
    text: str
    sheet: str | None = None
    line: int | None = None
    column: str | None = None


@dataclass(frozen=True)
class Workbook:
    """A returned workbook as read; `unanswered` rows carry no decision and stay open."""

    department: str
    business_date: dt.date
    workbook_id: uuid.UUID
    answers: tuple[Answer, ...]
    unanswered: int = 0
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True)
class Problem:
    """A rule that an answered row still breaks: the fields' labels, what is wrong, how to fix it."""

    field: str
    title: str
    fix: str


@dataclass(frozen=True)
class Outcome:
    """What became of one answered row.

    accepted: corrected, sieved, merged. still_wrong: the answer breaks the rules in `problems` and the item stays
    open. waived: true as it is, merged until the waiver ends. void: closed, nothing merged. already_closed: an
    earlier answer or delivery settled it. superseded: a later answer of the same workbook counts, or the record
    has a newer good row. not_yours, unknown_row: nothing was done. `sentence` is Chinese and holds no value.
    """

    row_id: uuid.UUID
    sheet: str
    line: int
    result: Result
    problems: tuple[Problem, ...] = ()
    sentence: str = ""

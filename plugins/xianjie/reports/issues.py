"""What the list of data problems (比对问题台账, RPT-L2) says of one finding; masked like everything in a pack."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

LEVELS = (1, 2, 3, 4, 5)


@dataclass(frozen=True)
class Issue:
    """A finding of a check: whom it concerns, which department corrects it, whose data it rests on.

    `id_masked` is empty unless one person is concerned. `result` and `closed_on` are None until somebody decided
    and until it is gone; `senders` are the Chinese names of the datasets that disagree.
    """

    check_id: str
    title: str
    level: int
    department: str
    town: str
    village: str
    household_no: str
    name_masked: str
    id_masked: str
    senders: tuple[str, ...]
    evidence: str
    fix: str
    first_found_on: dt.date
    due_on: dt.date
    is_open: bool
    is_new: bool
    is_overdue: bool
    result: str | None
    closed_on: dt.date | None
    closed_reason: str | None


@dataclass(frozen=True)
class IdleCheck:
    """A check that was not judged in full tonight, and why."""

    check_id: str
    title: str
    department: str
    status: str
    reason: str


@dataclass(frozen=True)
class IssueCount:
    """Open findings of one department by level, those found tonight and those past their deadline."""

    department: str
    by_level: tuple[int, ...]
    new: int
    overdue: int

    @property
    def total(self) -> int:
        """All that are open."""
        return sum(self.by_level)


def issue_counts(issues: Iterable[Issue]) -> tuple[IssueCount, ...]:
    """One row a department with open findings, the most serious first."""
    by_department: dict[str, list[Issue]] = {}
    for issue in issues:
        if issue.is_open:
            by_department.setdefault(issue.department, []).append(issue)
    counted = [_count(department, mine) for department, mine in by_department.items()]
    return tuple(sorted(counted, key=lambda row: (*(-n for n in row.by_level), row.department)))


def _count(department: str, issues: list[Issue]) -> IssueCount:
    levels = Counter(issue.level for issue in issues)
    return IssueCount(
        department,
        tuple(levels[level] for level in LEVELS),
        sum(issue.is_new for issue in issues),
        sum(issue.is_overdue for issue in issues),
    )

"""What a report says, apart from how it looks and from where it was read.

Every text in these classes is already masked: a workbook, a page and a mail may print all of it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Literal

from xianjie.reports.issues import IdleCheck, Issue

Outcome = Literal["accepted", "held", "refused", "absent", "failed", "empty", "not_due", "pending"]
Severity = Literal["red", "orange", "yellow"]
Light = Literal["green", "yellow", "red", "unlit", "none"]
RecipientKind = Literal["department", "leaders"]

ARRIVED: frozenset[str] = frozenset({"accepted", "held", "refused", "empty"})
RETURNED_FILE = "returned-rows.xlsx"
SEVERITIES: tuple[Severity, ...] = ("red", "orange", "yellow")


@dataclass(frozen=True)
class Recipient:
    """Who gets a pack: a department or the county's leaders (``code`` names the pack's folder)."""

    code: str
    title: str
    kind: RecipientKind
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True)
class DatasetNight:
    """One dataset on one business date: came or not, judged how, where its rows went.

    Row counts are None when nothing was landed. ``open_returned`` counts all rows still to be corrected,
    ``returned_new`` those first returned tonight.
    """

    department: str
    department_title: str
    dataset: str
    code: str
    title: str
    deadline: dt.time
    cutoff: dt.time
    outcome: Outcome
    error_code: str | None = None
    reason: str | None = None
    is_late: bool = False
    arrived_at: dt.datetime | None = None
    landed: int | None = None
    unchanged: int | None = None
    accepted: int | None = None
    quarantined: int | None = None
    warned: int | None = None
    merged: int | None = None
    open_returned: int = 0
    returned_new: int = 0

    @property
    def is_arrived(self) -> bool:
        """Whether the department delivered something that could be opened."""
        return self.outcome in ARRIVED

    @property
    def is_not_taken(self) -> bool:
        """Arrived, and nothing of it was merged: held or refused as a whole."""
        return self.outcome in {"held", "refused"}

    @property
    def is_due(self) -> bool:
        """Whether something was owed tonight, or came all the same."""
        return self.outcome != "not_due"

    @property
    def is_missing(self) -> bool:
        """Owed, and nothing that could be opened came."""
        return self.is_due and not self.is_arrived

    @property
    def valid_pct(self) -> float | None:
        """Share of delivered rows that are not returned, in per cent; None without rows."""
        if not self.landed or self.quarantined is None:
            return None
        return round(100.0 * (self.landed - self.quarantined) / self.landed, 2)


@dataclass(frozen=True)
class Problem:
    """One rule a returned row breaks, and how to mend it; `field` names its fields, separated by commas."""

    rule_id: str
    title: str
    fix: str
    field: str | None = None


@dataclass(frozen=True)
class ReturnedRow:
    """A row that goes back to the department that sent it.

    ``row_id`` is the handle a corrected row comes back with; ``original`` holds the delivered texts by
    field name, masked. ``delivery_id`` and ``source_row`` say where the landing keeps them; ``attempt`` counts how
    often the row went back, this time included, since ``first_opened_on``.
    """

    row_id: str
    department: str
    dataset: str
    source_file: str
    source_line: int
    opened_on: dt.date
    problems: tuple[Problem, ...]
    original: dict[str, str]
    delivery_id: str = ""
    source_row: int = 0
    row_hash: str = ""
    contract_version: str = ""
    first_opened_on: dt.date | None = None
    attempt: int = 1

    @property
    def bad_fields(self) -> frozenset[str]:
        """Names of the fields the problems speak of."""
        return frozenset(
            name for problem in self.problems for name in (problem.field or "").split(",") if name
        )


@dataclass(frozen=True)
class ReturnedSheet:
    """The open returned rows of one dataset; ``columns`` are (field name, label) in the contract's order."""

    department: str
    dataset: str
    code: str
    title: str
    columns: tuple[tuple[str, str], ...]
    key: tuple[str, ...]
    rows: tuple[ReturnedRow, ...]


@dataclass(frozen=True)
class ProblemCount:
    """How many open returned rows of a dataset break one rule."""

    department: str
    department_title: str
    code: str
    rule_id: str
    title: str
    fix: str
    rows: int


@dataclass(frozen=True)
class Lead:
    """A risk lead (线索) on one household; ``departments`` sent the rows it rests on."""

    lead_id: str
    rule_id: str
    rule_title: str
    severity: Severity
    town: str
    village: str
    household_no: str
    name_masked: str
    evidence: str
    first_seen: dt.date
    due_on: dt.date | None
    state: str
    routed_to: tuple[str, ...]
    departments: tuple[str, ...]
    business_date: dt.date

    @property
    def is_new(self) -> bool:
        """First seen tonight."""
        return self.first_seen == self.business_date

    @property
    def days_left(self) -> int | None:
        """Days until the lead is due; negative when overdue."""
        return None if self.due_on is None else (self.due_on - self.business_date).days


@dataclass(frozen=True)
class RuleNight:
    """A risk rule tonight: evaluated, or blocked or partial with the reason why."""

    rule_id: str
    title: str
    status: Literal["ok", "partial", "blocked"]
    reason: str | None
    definition: str
    departments: tuple[str, ...]
    severity: Severity


@dataclass(frozen=True)
class Indicator:
    """One indicator for the whole county, with its value before and its place in the tree.

    ``note`` says what must be known before the figure is quoted: whose data is missing, what is unconfirmed.
    """

    code: str
    title: str
    unit: str
    is_whole: bool
    definition: str
    numerator: float | None
    denominator: float | None
    value: float | None
    previous: float | None
    target: str
    light: Light
    is_confirmed: bool
    lead_department: str
    departments: tuple[str, ...]
    nodes: tuple[str, ...]
    note: str

    @property
    def change(self) -> float | None:
        """Value less the previous one, in the indicator's unit."""
        if self.value is None or self.previous is None:
            return None
        return round(self.value - self.previous, 4)


@dataclass(frozen=True)
class Node:
    """One node of the 1+7+5+N tree."""

    node_id: str
    layer: Literal["master_plan", "support_system", "action_plan", "policy"]
    title: str
    lead: str
    support: tuple[str, ...]
    is_confirmed: bool
    light: Light
    indicators: tuple[str, ...]

    @property
    def layer_order(self) -> int:
        """1, 7, 5, N: the order the layers are printed in."""
        return ("master_plan", "support_system", "action_plan", "policy").index(self.layer)


@dataclass(frozen=True)
class Slogan:
    """A mechanism's name (2411, 1510 …) as printed, with its confirmation state."""

    code: str
    title: str
    is_confirmed: bool
    slots: tuple[str, ...]


@dataclass(frozen=True)
class Mending:
    """How a department mends its returned rows, over the last weeks: days are medians; null without any row."""

    department: str
    department_title: str
    open: int
    median_open_days: float | None
    oldest_open_days: int | None
    returned: int
    fixed: int
    fix_rate_pct: float | None
    median_days_to_fix: float | None
    recurring: int


@dataclass(frozen=True)
class Night:
    """Everything known of one county's business date, before it is cut to recipients."""

    county_code: str
    county: str
    business_date: dt.date
    datasets: tuple[DatasetNight, ...]
    leads: tuple[Lead, ...] = ()
    rules: tuple[RuleNight, ...] = ()
    returned: tuple[ReturnedSheet, ...] = ()
    problems: tuple[ProblemCount, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    tree: tuple[Node, ...] = ()
    slogans: tuple[Slogan, ...] = ()
    issues: tuple[Issue, ...] = ()
    idle_checks: tuple[IdleCheck, ...] = ()
    organisations: dict[str, str] = field(default_factory=dict)
    mending: tuple[Mending, ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        """Departments of which at least one dataset did not come or could not be read."""
        late = {row.department for row in self.datasets if row.is_missing}
        return tuple(dict.fromkeys(row.department for row in self.datasets if row.department in late))

    def title_of(self, department: str) -> str:
        """A department's Chinese name (its code when nobody named it)."""
        return self.organisations.get(department, department)


@dataclass(frozen=True)
class Content:
    """What one recipient gets: the county's arrivals, and only its own rows of everything else."""

    recipient: Recipient
    night: Night
    own: tuple[DatasetNight, ...]
    leads: tuple[Lead, ...]
    rules: tuple[RuleNight, ...]
    returned: tuple[ReturnedSheet, ...]
    problems: tuple[ProblemCount, ...]
    indicators: tuple[Indicator, ...]
    tree: tuple[Node, ...]
    issues: tuple[Issue, ...] = ()
    idle_checks: tuple[IdleCheck, ...] = ()

    @property
    def mending(self) -> tuple[Mending, ...]:
        """Every department's for leaders, a department's own; no news by itself, so it makes no new edition."""
        is_all, me = self.recipient.kind == "leaders", self.recipient.code
        return tuple(row for row in self.night.mending if is_all or row.department == me)

    @property
    def is_missing_itself(self) -> bool:
        """Whether the recipient is a department that owes a dataset tonight."""
        return self.recipient.code in self.night.missing


@dataclass(frozen=True)
class Edition:
    """Which printing of a pack this is; ``changes`` say in words what differs from the one before."""

    revision: int = 1
    changes: tuple[str, ...] = ()

    @property
    def is_update(self) -> bool:
        """A revision after the first one (更新版)."""
        return self.revision > 1


@dataclass(frozen=True)
class PackFile:
    """A file of a pack: path below the date's folder, check sum, size; `rows` where it is a list to work on."""

    path: str
    sha256: str
    bytes: int
    rows: int | None = None


@dataclass(frozen=True)
class Pack:
    """A recipient's pack as it lies in ``out/<date>/<recipient>/`` and stands in the manifest."""

    recipient: str
    title: str
    revision: int
    files: tuple[PackFile, ...]
    counts: dict[str, int]
    missing_departments: tuple[str, ...]
    changes: tuple[str, ...] = ()

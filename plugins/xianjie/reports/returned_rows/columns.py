"""The columns of a sheet of returned rows: always the same for a contract, whatever was returned tonight."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from xianjie.contract.entry import Entry
from xianjie.contract.model import Contract
from xianjie.reports.returned_rows.layout import DECISION, HANDLES, REASON, answer, original

Role = Literal["fixed", "original", "answer", "handle"]
FIXED = (
    ("", "number", "序号"),
    ("@problem", "problem", "问题"),
    ("@fix", "fix", "如何修改"),
    ("@opened", "opened", "首次退回\n第几次"),
    ("@source", "source", "来源文件\n所在行"),
    (DECISION, "decision", "处理方式"),
    (REASON, "reason", "说明"),
)
FROZEN = 3  # number, problem and mend stay in sight


@dataclass(frozen=True)
class SheetColumn:
    """One column: its name for machines, its heading, the look of its cells, whether it opens shown."""

    machine: str
    heading: str
    look: str
    role: Role
    is_shown: bool
    entry: Entry | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is to be filled in; every other cell is locked."""
        return self.role == "answer" or self.look in ("decision", "reason")

    @property
    def header(self) -> str:
        """The look of its heading: yellow is to be filled in, grey was delivered."""
        if self.is_open:
            return "header_answer"
        return "header_original" if self.role == "original" else "header"


def sheet_columns(
    contract: Contract, entries: Collection[Entry], in_trouble: Collection[str]
) -> tuple[SheetColumn, ...]:
    """The columns in order.

    `in_trouble` are the fields that any row of the sheet has a problem with: these open shown, and what tells a
    row from its neighbours; everything else is there, folded away.
    """
    telling = {*contract.key, contract.subject, contract.subject_name}
    columns = [SheetColumn(machine, heading, look, "fixed", True) for machine, look, heading in FIXED]
    for entry in entries:
        field = entry.field
        bad = field.name in in_trouble
        columns += [
            SheetColumn(
                original(field.name),
                f"{field.label}\n原值",
                "original",
                "original",
                bad or field.name in telling,
                entry,
            ),
            SheetColumn(answer(field.name), f"{field.label}\n改为", "answer", "answer", bad, entry),
        ]
    return (*columns, *(SheetColumn(name, name, "source", "handle", False) for name in HANDLES))

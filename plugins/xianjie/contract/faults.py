"""A fault of a contract: where it is, what is wrong, and the mend. Collected first, raised at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xianjie.errors import ContractError


@dataclass(frozen=True, order=True)
class Fault:
    """`file` relative to the include folder, `path` inside it (``schema[0].properties[3].name``)."""

    file: str
    path: str
    message: str
    mend: str

    def __str__(self) -> str:
        return f"{self.file} {self.path}: {self.message}。{self.mend}"


def raise_all(faults: Sequence[Fault]) -> None:
    """Raises one `ContractError` naming every fault; does nothing when there is none."""
    if faults:
        lines = "\n".join(f"  {fault}" for fault in sorted(faults))
        raise ContractError(
            f"数据契约有 {len(faults)} 处错误:\n{lines}",
            data="未读取任何数据",
            next_command="xianjie contract lint",
        )

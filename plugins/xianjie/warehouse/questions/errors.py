"""What can go wrong before a check, a rule or an indicator is looked at."""

from __future__ import annotations

from collections.abc import Iterable

from xianjie.errors import XianjieError


class DefinitionError(XianjieError):
    """Files below ``include/`` do not read as checks, rules, indicators or framework; all faults are listed."""

    code = "XJ-701"

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__(
            "规则、指标或框架定义有误: " + "; ".join(self.faults), next_command="pytest tests/sql"
        )

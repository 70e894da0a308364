"""Consistency (数据一致性): checks over several rows, and what departments contradict one another in.

In: the as-of views ``facts.*``, the households the warehouse touched (``core.affected_household``), the checks
below ``include/checks``.

Out: findings (``consistency.finding``, one open finding a check and entity, with both source rows), decisions on
them (``consistency.settlement``), what each check did that night (``consistency.check_run``).

What can go wrong: a definition does not read (`DefinitionError`, all faults at once); a department is not
connected (*skipped*) or its data never came (*blocked*), or is missing tonight (*partial*); a check's SQL does
not run (*failed*: it costs its own check only); a decision that cannot be taken (`SettlementError`).
"""

from xianjie.consistency.checks import Check, checks
from xianjie.consistency.errors import SettlementError
from xianjie.consistency.night import run
from xianjie.consistency.reading import OpenFinding, open_findings
from xianjie.consistency.runs import CheckResult, Summary, latest
from xianjie.consistency.settle import RESULTS, Settled, settle

__all__ = [
    "RESULTS",
    "Check",
    "CheckResult",
    "OpenFinding",
    "Settled",
    "SettlementError",
    "Summary",
    "checks",
    "latest",
    "open_findings",
    "run",
    "settle",
]

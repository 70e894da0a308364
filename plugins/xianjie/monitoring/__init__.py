"""Watches households for the risk of falling back into poverty.

In: the as-of views ``facts.*``, the households the warehouse touched (``core.affected_household``), the rules
below ``include/rules`` and the framework below ``include/framework``.

Out: hits (``monitoring.hit``, a history by business date), leads (``monitoring.lead``, one open lead a rule
and household), and what each rule did that night (``monitoring.rule_run``).

What can go wrong: a definition does not read (`DefinitionError`, all faults at once); a rule's parameter is
not known or its data never came (*blocked*, recorded with the reason); a department is missing tonight
(*partial*); a rule's SQL does not run (*failed*: it costs its own rule only). Nothing is identified or closed
automatically.
"""

from xianjie.monitoring.errors import LeadError
from xianjie.monitoring.leads import close
from xianjie.monitoring.night import run
from xianjie.monitoring.rules import Rule, rules
from xianjie.monitoring.runs import RuleResult, Summary
from xianjie.warehouse.questions.errors import DefinitionError
from xianjie.warehouse.questions.framework import framework

__all__ = [
    "DefinitionError",
    "LeadError",
    "Rule",
    "RuleResult",
    "Summary",
    "close",
    "framework",
    "rules",
    "run",
]

"""Answers for the 1+7+5+N: each figure computed, lit, assigned, and open to the rows behind it.

In: the as-of views ``facts.*``, leads (``monitoring``), the night's conclusions and returned rows (``ops``,
``quality``), the indicators below ``include/indicators`` and the tree below ``include/framework``.

Out: evidence rows (``accountability.evidence``, a history by business date), figures by county, town and
village (``accountability.value``, frozen by revision), the scoreboard, and the trace of any figure.

What can go wrong: a definition does not read (`DefinitionError`); a parameter is unknown or data never came
(*blocked*, lit grey, with the reason); a department is missing tonight (*partial*, named); a query does not
run (*failed*, its own indicator only); nothing was published under a name (`NoSuchValueError`).
"""

from xianjie.accountability.errors import NoSuchValueError
from xianjie.accountability.framework import (
    UNCONFIRMED,
    Accountability,
    Mechanism,
    Node,
    Organisation,
    accountability,
)
from xianjie.accountability.indicators import Indicator, IndicatorSpec, indicators
from xianjie.accountability.night import Summary, run
from xianjie.accountability.publications import IndicatorResult, Published
from xianjie.accountability.scoreboard import Figure, NodeState, Scoreboard, scoreboard
from xianjie.accountability.trace import EvidenceRow, Trace, trace

__all__ = [
    "UNCONFIRMED",
    "Accountability",
    "EvidenceRow",
    "Figure",
    "Indicator",
    "IndicatorResult",
    "IndicatorSpec",
    "Mechanism",
    "NoSuchValueError",
    "Node",
    "NodeState",
    "Organisation",
    "Published",
    "Scoreboard",
    "Summary",
    "Trace",
    "accountability",
    "indicators",
    "run",
    "scoreboard",
    "trace",
]

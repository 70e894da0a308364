"""What a checking process of the bench does; its arguments and results cross a process border."""

from __future__ import annotations

import datetime as dt
import time

from xianjie import validation
from xianjie.contract.catalogue import catalogue
from xianjie.settings import settings
from xianjie.validation.gate import import_great_expectations

_LONG_ENOUGH_FOR_THE_OTHERS = 2.0


def warm(_number: int) -> None:
    """Loads what a checking task finds loaded, and stays long enough for every process to do so."""
    import_great_expectations()
    catalogue()
    time.sleep(_LONG_ENOUGH_FOR_THE_OTHERS)


def check(department: str, day: dt.date) -> tuple[int, int]:
    """Checks a department's night as its task does, accepting what is held; rows landed and accepted."""
    landed = accepted = 0
    for verdict in validation.check_department(department, day, settings().county_code):
        if verdict.decision == "hold":
            validation.decide(verdict.delivery_id, "accept", "bench", "bench")
        landed += verdict.ledger.landed
        accepted += verdict.ledger.accepted
    return landed, accepted

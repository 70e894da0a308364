"""A held delivery's way to its decision (待确认): asked in Airflow or decided on the command line, one end.

The first decision stands. Whoever comes second is told; a question that is still open when somebody decided on
the command line is answered for them, so that its run ends and announces the late delivery.
"""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xianjie.night import steps
from xianjie.night.scheduler import Scheduler

if TYPE_CHECKING:
    from xianjie.validation import Decision

DAG_ID, TASK_ID = "approvals", "ask"
ACCEPT, REFUSE, WAIT = "接收", "拒收", "暂不决定"
OPTIONS = (ACCEPT, REFUSE, WAIT)
DECISIONS: dict[str, Decision] = {ACCEPT: "accept", REFUSE: "refuse"}
ANSWERS: dict[Decision, str] = {decision: option for option, decision in DECISIONS.items()}
_ANSWER_SECONDS = 20.0  # a question may be on its way when the command line decides


@dataclass(frozen=True)
class Settled:
    """What came of a decision: the one that stands, and whether the warehouse has run without the delivery."""

    decision: Decision
    business_date: dt.date
    is_first: bool
    is_late: bool
    sentence: str


def run_id(delivery_id: str) -> str:
    """The run of `approvals` that asks about a delivery; there is never a second one."""
    return f"held__{delivery_id}"


def settle(delivery_id: str, decision: Decision, by: str, why: str) -> Settled:
    """Keeps the decision and concludes the department's night anew.

    Raises:
        AlreadyDecidedError: somebody decided otherwise before.
        DecisionError: the delivery is not held, or nobody signed.
    """
    from xianjie import landing, validation

    delivery = landing.load(delivery_id)
    sentence, is_first = "", True
    try:
        validation.decide(delivery_id, decision, by, why)
    except validation.AlreadyDecidedError as error:
        if error.decision != decision:
            raise
        sentence, is_first = error.message, False
    is_late = steps.conclude(delivery.department, delivery.business_date)["is_late"]
    return Settled(decision, delivery.business_date, is_first, is_late and decision == "accept", sentence)


def answer(scheduler: Scheduler, delivery_id: str, decision: Decision, reason: str) -> bool:
    """Answers the open question about a delivery; false when there is none, or somebody answered it just now."""
    end = time.monotonic() + _ANSWER_SECONDS
    while scheduler.is_open(DAG_ID, run_id(delivery_id)):
        if scheduler.answer(DAG_ID, run_id(delivery_id), TASK_ID, ANSWERS[decision], {"reason": reason}):
            return True
        if time.monotonic() > end:
            break
        time.sleep(1.0)
    return False

"""The question Airflow puts before a person: options, a reason that must be given, a time-out that decides nothing."""

from __future__ import annotations

from typing import Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import Param

from xianjie.night import approvals, steps, wiring
from xianjie.privacy import redact

_REASON = Param(
    "",
    type="string",
    maxLength=500,
    title="理由",
    description="接收或拒收必须写明理由：与谁核实、核实了什么。会永久留存，不要写群众的姓名和证件号码。",
)


class Question(HITLOperator):  # type: ignore[misc]
    """Asks whether to accept the held delivery of the run's conf.

    An answer without a reason fails the try; the next try asks again. Nobody's answer within the time is
    `approvals.WAIT`: the delivery stays held. A delivery somebody has decided on is not asked about: Airflow 3.3
    may lose an answer given in the moment a question is parked (apache/airflow#71579), then the next try takes
    the decision the command line has kept.
    """

    def __init__(self, **more: Any) -> None:
        super().__init__(
            options=list(approvals.OPTIONS),
            defaults=approvals.WAIT,
            params={"reason": _REASON},
            response_timeout=wiring.approval_timeout(),
            **more,
        )

    def execute(self, context: Any) -> dict[str, str]:
        """The decision that stands; without one the task waits for a person, and `execute_complete` goes on."""
        decided = steps.decided(context["dag_run"].conf["delivery_id"])
        return decided or super().execute(context)

    def execute_complete(self, context: Any, event: dict[str, Any]) -> dict[str, str]:
        """Option, reason and the name of who answered.

        Raises:
            ValueError: a decision without a reason.
        """
        given = super().execute_complete(context, event)
        option = given["chosen_options"][0]
        reason = redact(str((given["params_input"] or {}).get("reason") or "").strip())
        if option != approvals.WAIT and not reason:
            raise ValueError("没有写明理由，将再次询问")
        by = given["responded_by_user"] or {}
        return {"option": option, "reason": reason, "by": str(by.get("name") or by.get("id") or "")}

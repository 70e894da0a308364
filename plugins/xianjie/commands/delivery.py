"""``xianjie delivery``: decide a delivery that the gate held."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Annotated

import typer

from xianjie.commands import at_hand
from xianjie.commands.output import AsJson, say
from xianjie.night import approvals
from xianjie.settings import settings

if TYPE_CHECKING:
    from xianjie.validation import Decision

app = typer.Typer(help="Deliveries (来料): approve or refuse what the gate held.", no_args_is_help=True)

DeliveryId = Annotated[str, typer.Argument(help="Id of the delivery, as `xianjie night status` prints it.")]
Why = Annotated[str, typer.Option("--why", help="Reason, kept with the decision.")]
By = Annotated[str, typer.Option("--by", help="Who decides.", show_default="your login name")]


@app.command()
def approve(delivery_id: DeliveryId, why: Why, by: By = "", as_json: AsJson = False) -> None:
    """Accept a held delivery; the waiting question is closed and the warehouse runs, or the next command says how."""
    _decide(delivery_id, "accept", by, why, as_json)


@app.command()
def refuse(delivery_id: DeliveryId, why: Why, by: By = "", as_json: AsJson = False) -> None:
    """Refuse a held delivery; nothing of it reaches the warehouse."""
    _decide(delivery_id, "refuse", by, why, as_json)


def _decide(delivery_id: str, decision: Decision, by: str, why: str, as_json: bool) -> None:
    from xianjie.night.scheduler import Scheduler

    with at_hand.warehouse():
        settled = approvals.settle(delivery_id, decision, by or getpass.getuser(), why)
    scheduler = Scheduler.from_settings(settings())
    is_up = scheduler is not None and scheduler.is_up()
    is_answered = scheduler is not None and is_up and approvals.answer(scheduler, delivery_id, decision, why)
    next_command = f"xianjie night run --date {settled.business_date} --from warehouse"
    if decision == "refuse" or (is_answered and settled.is_late):
        next_command = f"xianjie night status --date {settled.business_date}"
    done = settled.sentence or f"已{'采纳' if decision == 'accept' else '拒收'} {delivery_id}"
    document = {
        "delivery_id": delivery_id,
        "decision": decision,
        "is_first": settled.is_first,
        "is_question_closed": is_answered,
        "next_command": next_command,
    }
    say(f"{done}。下一步: {next_command}", document, as_json)

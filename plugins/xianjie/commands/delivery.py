"""``xianjie delivery``: decide a delivery that the gate held."""

from __future__ import annotations

import getpass
from typing import Annotated, Literal

import typer

from xianjie.commands import at_hand
from xianjie.commands.output import AsJson, say

app = typer.Typer(help="Deliveries (来料): approve or refuse what the gate held.", no_args_is_help=True)

DeliveryId = Annotated[str, typer.Argument(help="Id of the delivery, as `xianjie night status` prints it.")]
Why = Annotated[str, typer.Option("--why", help="Reason, kept with the decision.")]
By = Annotated[str, typer.Option("--by", help="Who decides.", show_default="your login name")]


@app.command()
def approve(delivery_id: DeliveryId, why: Why, by: By = "", as_json: AsJson = False) -> None:
    """Accept a held delivery; it is merged by the next `xianjie night run --from warehouse`."""
    _decide(delivery_id, "accept", by, why, as_json)


@app.command()
def refuse(delivery_id: DeliveryId, why: Why, by: By = "", as_json: AsJson = False) -> None:
    """Refuse a held delivery; nothing of it reaches the warehouse."""
    _decide(delivery_id, "refuse", by, why, as_json)


def _decide(
    delivery_id: str, decision: Literal["accept", "refuse"], by: str, why: str, as_json: bool
) -> None:
    from xianjie import landing, validation

    with at_hand.warehouse():
        validation.decide(delivery_id, decision, by or getpass.getuser(), why)
        day = landing.load(delivery_id).business_date
    next_command = f"xianjie night run --date {day} --from warehouse"
    document = {"delivery_id": delivery_id, "decision": decision, "next_command": next_command}
    done = "采纳" if decision == "accept" else "拒收"
    say(f"已{done} {delivery_id}。下一步: {next_command}", document, as_json)

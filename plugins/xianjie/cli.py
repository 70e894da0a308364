"""The command line, ``xianjie``.

Exit codes: 0 done, 1 it went wrong or did not hold (the reason is on standard error), 2 a wrong option.
"""

from __future__ import annotations

import logging
import sys

import typer

from xianjie.commands import (
    at_hand,
    conflict,
    contract,
    delivery,
    demo,
    figures,
    night,
    quarantine,
    returns,
    settings,
    warehouse,
)
from xianjie.commands.output import errors
from xianjie.errors import XianjieError
from xianjie.privacy import RedactingFilter, redact

app = typer.Typer(
    help="Xianjie (衔接): links, every night, what a county's departments know about the same households.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # they print local variables, which may hold personal values
)
app.add_typer(night.app, name="night")
app.command()(figures.ledger)
app.command()(figures.trace)
app.add_typer(delivery.app, name="delivery")
app.add_typer(conflict.app, name="conflict")
app.add_typer(returns.app, name="returns")
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(contract.app, name="contract")
app.add_typer(demo.app, name="demo")
app.command()(warehouse.migrate)
app.command("settings")(settings.show)


def main() -> None:
    """Entry point of ``xianjie``: our errors become one line on standard error and exit code 1."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    for handler in logging.getLogger().handlers:
        handler.addFilter(RedactingFilter())
    at_hand.load_demo_environment()
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
    except XianjieError as error:
        errors.print(redact(str(error)), style="red", highlight=False, markup=False)
        sys.exit(1)

"""``xianjie demo``: a county that does not exist, with everything it needs on this machine."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from xianjie.commands.output import AsJson, console, print_json
from xianjie.dates import parse_business_date

app = typer.Typer(
    help="The demo county: run its nights, keep its stack up, take it down.", no_args_is_help=True
)

People = Annotated[int | None, typer.Option("--people", min=1_000, max=6_000_000, help="Size of the county.")]
Night = Annotated[
    dt.date | None,
    typer.Option(
        "--date", parser=parse_business_date, metavar="YYYY-MM-DD", help="Add this night to what is there."
    ),
]


@app.command("run")
def run_demo(date: Night = None, people: People = None) -> None:
    """Run the two scripted nights from nothing, or add one; exit code 0 only when everything is sound."""
    from demo import drive

    if not drive.run(console, date=date, people=people):
        raise typer.Exit(1)


@app.command()
def up(people: People = None, as_json: AsJson = False) -> None:
    """Start the stack and leave it running; keeps what an earlier run made."""
    from demo import background

    address = background.up(console if not as_json else None, people)
    if as_json:
        print_json(address)
    else:
        console.print(
            f"看板 {address['board']}\n用户 {address['user']}  密码 {address['password']}\n停止: make down",
            highlight=False,
        )


@app.command()
def down() -> None:
    """Stop the stack; what it made stays."""
    from demo import background

    background.down()
    console.print("已停止")


@app.command()
def status(as_json: AsJson = False) -> None:
    """Say whether the stack is up and which nights it holds; exit code 1 when it is down."""
    from demo import background

    found = background.status()
    if as_json:
        print_json(found)
    else:
        for name, value in found.items():
            console.print(f"{name}: {value}", highlight=False)
    if not found["is_up"]:
        raise typer.Exit(1)


@app.command()
def clean() -> None:
    """Stop the stack and remove everything the demo made."""
    from demo import background

    background.clean()
    console.print("已清除")

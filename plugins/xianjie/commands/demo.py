"""``xianjie demo``: a county that does not exist, with everything it needs on this machine."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from xianjie.commands.output import AsJson, console, errors, print_json, say
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
def run_demo(date: Night = None, people: People = None, as_json: AsJson = False) -> None:
    """Run the two scripted nights from nothing, or add one; exit code 0 only when everything is sound."""
    from demo import drive

    result = drive.run(errors if as_json else console, date=date, people=people)
    if as_json:
        print_json(result)
    if not result.is_sound:
        raise typer.Exit(1)


@app.command()
def up(people: People = None, as_json: AsJson = False) -> None:
    """Start the stack and leave it running; keeps what an earlier run made."""
    from demo import background

    place = background.up(errors if as_json else console, people)
    sentence = f"看板 {place['board']}\n用户 {place['user']}  密码 {place['password']}\n停止: make down"
    say(sentence, place, as_json)


@app.command()
def down(as_json: AsJson = False) -> None:
    """Stop the stack; what it made stays."""
    from demo import background

    background.down()
    say("已停止", {"is_up": False}, as_json)


@app.command()
def status(as_json: AsJson = False) -> None:
    """Say whether the stack is up and which nights it holds; exit code 1 when it is down."""
    from demo import background

    found = background.status()
    say("\n".join(f"{name}: {value}" for name, value in found.items()), found, as_json)
    if not found["is_up"]:
        raise typer.Exit(1)


@app.command()
def connections(
    host: Annotated[
        str, typer.Option("--host", help="Name by which Airflow reaches the departments.")
    ] = "127.0.0.1",
    as_json: AsJson = True,
) -> None:
    """Print the connections to the departments as JSON, as ``airflow connections import`` reads them."""
    from demo import background

    print_json(background.connections(host))


@app.command()
def clean(as_json: AsJson = False) -> None:
    """Stop the stack and remove everything the demo made."""
    from demo import background

    background.clean()
    say("已清除", {"is_up": False}, as_json)

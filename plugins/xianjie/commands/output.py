"""How commands print: tables for people, JSON for programs."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from xianjie.dates import parse_business_date

# A pipe has no width of its own; a table is not folded for its sake.
console = Console(soft_wrap=True, width=None if sys.stdout.isatty() else 200)
errors = Console(stderr=True, soft_wrap=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of a table.")]
Date = Annotated[
    dt.date,
    typer.Option(
        "--date", parser=parse_business_date, metavar="YYYY-MM-DD", help="Business date (业务日期)."
    ),
]
LatestDate = Annotated[
    dt.date | None,
    typer.Option(
        "--date",
        parser=parse_business_date,
        metavar="YYYY-MM-DD",
        help="Business date (业务日期); default: the latest.",
    ),
]


def plain(value: Any) -> Any:
    """A value as JSON knows it: dataclasses become objects, dates ISO text."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    typer.echo(json.dumps(plain(value), ensure_ascii=False, indent=2))


def say(sentence: str, document: Any, as_json: bool) -> None:
    """The sentence for people, or the document for programs."""
    if as_json:
        print_json(document)
    else:
        console.print(sentence, highlight=False)


def print_table(title: str, headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """A table on standard output; None is left blank."""
    drawn = Table(title=title, title_justify="left", header_style="bold")
    for heading in headings:
        drawn.add_column(heading, overflow="fold")
    for row in rows:
        drawn.add_row(*("" if item is None else str(item) for item in row))
    console.print(drawn)

"""``python -m demo``: generate the county, prepare a night, serve the departments."""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import json
import sys
from dataclasses import replace
from pathlib import Path

from demo import links, nights
from demo.population import write_csv
from demo.state import servers


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; returns the exit code."""
    given = _parser().parse_args(arguments)
    return int(given.run(given) or 0)


def _population(given: argparse.Namespace) -> None:
    if given.csv:
        write_csv(given.csv, given.people or nights.PEOPLE, given.night)
        return
    here = nights.county(given.people)
    print(f"{here.people:,} people below {here.folder}")


def _night(given: argparse.Namespace) -> None:
    coming = nights.prepare_night(given.date, given.people, late=tuple(given.late) if given.late else None)
    print(f"{given.date}: {', '.join(coming)} deliver in time")


def _late(given: argparse.Namespace) -> None:
    nights.deliver_late(given.date, given.department)
    print(f"{given.date}: {given.department} delivered late")


def _clerks(given: argparse.Namespace) -> None:
    from demo.clerk import acts
    from demo.morning import answer_all

    for department, done in answer_all(given.date).items():
        said = ", ".join(f"{name} {count}" for name, count in sorted(acts(done).items()))
        print(f"{department}: {said or 'nothing to do'}")


def _serve(given: argparse.Namespace) -> None:
    from demo.departments.serving import serve

    place = replace(servers(civil_url=given.civil_url), host=given.host)

    def ready() -> None:
        print(
            f"ready: education http://{place.host}:{place.education_port}, "
            f"sftp {place.host}:{place.sftp_port}, smtp {place.host}:{place.smtp_port}",
            flush=True,
        )

    asyncio.run(serve(place, ready))


def _connections(given: argparse.Namespace) -> None:
    found = links.connections(replace(servers(), host=given.host))
    if given.json:
        json.dump(found, sys.stdout, indent=1)
    else:
        print("\n".join(sorted(found)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("population", help="generate the county")
    command.add_argument(
        "--people", type=int, help="how many people (default: those already there, else 30000)"
    )
    command.add_argument("--csv", type=Path, metavar="FOLDER", help="write the datasets as plain CSV instead")
    command.add_argument(
        "--night", type=int, choices=(1, 2), default=1, help="with --csv: the first night or the 1 %% night"
    )
    command.set_defaults(run=_population)
    command = commands.add_parser("night", help="prepare what the departments hold on an evening")
    command.add_argument("--date", type=dt.date.fromisoformat, required=True)
    command.add_argument("--people", type=int)
    command.add_argument(
        "--late", action="append", metavar="DEPARTMENT", help="misses the cutoff (instead of the script)"
    )
    command.set_defaults(run=_night)
    command = commands.add_parser("late", help="bring a late department's delivery")
    command.add_argument("--date", type=dt.date.fromisoformat, required=True)
    command.add_argument("--department", required=True)
    command.set_defaults(run=_late)
    command = commands.add_parser("clerks", help="answer the workbooks of returned rows of a night")
    command.add_argument("--date", type=dt.date.fromisoformat, required=True)
    command.set_defaults(run=_clerks)
    command = commands.add_parser("serve", help="run the departments' servers until SIGTERM")
    command.add_argument(
        "--civil-url", help="SQLAlchemy URL of the civil affairs database (default: one of its own)"
    )
    command.add_argument("--host", default="127.0.0.1", help="address to listen on (a container: 0.0.0.0)")
    command.set_defaults(run=_serve)
    command = commands.add_parser(
        "connections", help="names (or, with --json, values) of the Airflow connections"
    )
    command.add_argument("--json", action="store_true")
    command.add_argument("--host", default="127.0.0.1", help="name by which Airflow reaches the servers")
    command.set_defaults(run=_connections)
    return parser


if __name__ == "__main__":
    sys.exit(main())

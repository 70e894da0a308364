"""``xianjie conflict``: what departments contradict one another in, and who decides."""

from __future__ import annotations

import getpass
import uuid
from typing import Annotated

import typer

from xianjie.commands import at_hand
from xianjie.commands.output import AsJson, LatestDate, plain, print_json, print_table, say
from xianjie.settings import settings

app = typer.Typer(
    help="Findings of the checks over several rows and departments (问题台账): list and settle.",
    no_args_is_help=True,
)

_SHOWN = (
    ("finding_id", "编号"),
    ("check_id", "核查"),
    ("title", "问题类型"),
    ("level", "级"),
    ("owner", "整改部门"),
    ("household_id", "户"),
    ("first_found_on", "发现"),
    ("due_on", "期限"),
    ("result", "核查结果"),
)


@app.command("list")
def list_open(
    date: LatestDate = None,
    department: Annotated[str, typer.Option("--department", help="Only what this department corrects.")] = "",
    check: Annotated[str, typer.Option("--check", help="Only this check, such as X-03.")] = "",
    as_json: AsJson = False,
) -> None:
    """Print the findings that are open, most serious first (at most 1,000)."""
    from xianjie import consistency
    from xianjie.database.engine import transaction

    county = settings().county_code
    with at_hand.warehouse(), transaction() as connection:
        day = date or consistency.latest(connection, county)
        found = (
            consistency.open_findings(connection, county, day, owner=department, check_id=check)
            if day
            else ()
        )
    if as_json:
        print_json({"business_date": day, "findings": found})
        return
    rows = [[row[name] for name, _ in _SHOWN] for row in map(plain, found)]
    print_table(f"{day or ''} 未销号问题 {len(rows)} 条", [title for _, title in _SHOWN], rows)


@app.command()
def settle(
    finding_id: Annotated[
        uuid.UUID, typer.Argument(help="Id of the finding, as `xianjie conflict list` prints it.")
    ],
    *,
    result: Annotated[
        str, typer.Option("--result", help="改源 (the source changes it), 改库 (the warehouse), 无需修改.")
    ],
    why: Annotated[str, typer.Option("--why", help="Reason, kept with the decision.")],
    by: Annotated[str, typer.Option("--by", help="Who decides.", show_default="your login name")] = "",
    date: LatestDate = None,
    as_json: AsJson = False,
) -> None:
    """Keep a decision on an open finding; 无需修改 closes it until its evidence changes."""
    from xianjie import consistency
    from xianjie.database.engine import transaction

    if result not in consistency.RESULTS:
        raise typer.BadParameter(f"one of {', '.join(consistency.RESULTS)}", param_hint="--result")
    with at_hand.warehouse(), transaction() as connection:
        settled = consistency.settle(
            connection,
            settings().county_code,
            finding_id,
            result=consistency.RESULTS[result],
            by=by or getpass.getuser(),
            why=why,
            on=date,
        )
    ends = "已销号, 证据变化时重新打开" if settled.is_closed else "数据改正后自动销号"
    say(f"{settled.check_id} 核查结果: {result}（{settled.decided_on}）。{ends}。", settled, as_json)

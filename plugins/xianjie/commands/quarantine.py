"""``xianjie quarantine``: the rows that went back (退回数据), and what becomes of them."""

from __future__ import annotations

import datetime as dt
import getpass
import uuid
from typing import Annotated, Any

import typer

from xianjie.commands import at_hand
from xianjie.commands.output import AsJson, Date, LatestDate, console, plain, print_json, print_table, say
from xianjie.dates import parse_business_date
from xianjie.settings import settings

app = typer.Typer(
    help="Quarantine (退回数据): what went back, waivers, judging again.", no_args_is_help=True
)

Department = Annotated[str, typer.Option("--department", help="Only this department.")]
Dataset = Annotated[str, typer.Option("--dataset", help="Only this dataset.")]
RowId = Annotated[uuid.UUID, typer.Argument(help="Id of the returned row, as `xianjie quarantine list` prints it.")]
By = Annotated[str, typer.Option("--by", help="Who decides.", show_default="your login name")]
_LISTED = (
    ("row_id", "编号"), ("department", "部门"), ("dataset", "数据集"), ("state", "状态"), ("age_days", "未修复天数"),
    ("tries", "改错次数"), ("is_recurring", "反复"), ("source_file", "文件"), ("source_line", "行"), ("rules", "问题"),
)  # fmt: skip
_RATES = (
    ("department", "部门"), ("open", "未修复"), ("median_open_days", "未修复天数"), ("returned", "已退回"),
    ("fixed", "已修复"), ("fix_rate_pct", "修复率 %"), ("median_days_to_fix", "修复用时"), ("recurring", "反复出现"),
)  # fmt: skip


@app.command("list")
def list_items(
    *,
    date: LatestDate = None,
    department: Department = "",
    dataset: Dataset = "",
    warned: Annotated[bool, typer.Option("--warned", help="Rows with a warning only.")] = False,
    recurring: Annotated[bool, typer.Option("--recurring", help="Only rows that came again.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the rows that wait for an answer at the end of a date, the oldest first; no value is shown."""
    from xianjie.returns import reading

    with at_hand.warehouse():
        day = date or _latest()
        found = [
            plain(each)
            for each in reading.open_items(settings().county_code, day)
            if department in ("", each.department)
            and dataset in ("", each.dataset)
            and each.kind == ("warned" if warned else "quarantined")
            and (each.is_recurring or not recurring)
        ]
    if as_json:
        print_json({"business_date": day, "items": found})
        return
    rows = [[_cell(each[name]) for name, _ in _LISTED] for each in found]
    print_table(f"{day} 待修复的退回数据 ({len(rows)})", [title for _, title in _LISTED], rows)


@app.command()
def show(row_id: RowId, as_json: AsJson = False) -> None:
    """Show one returned row: what is wrong, where it came from, every answer to it, what is waived; no value."""
    from xianjie.returns import reading

    with at_hand.warehouse():
        found = plain(reading.story(settings().county_code, row_id))
    if as_json:
        print_json(found)
        return
    for name, value in found.items():
        for each in value if isinstance(value, list) else [value]:
            console.print(f"{name}: {_line(each)}", highlight=False)


@app.command()
def waive(
    row_id: RowId,
    *,
    date: Date,
    why: Annotated[str, typer.Option("--why", help="Reason, kept with the waiver; needed unless it ends.")] = "",
    until: Annotated[
        dt.date | None,
        typer.Option("--until", parser=parse_business_date, metavar="YYYY-MM-DD", help="Last day it holds."),
    ] = None,
    end: Annotated[bool, typer.Option("--end", help="End what is waived for this row.")] = False,
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """Take a row in as true as it is (情况属实) until a day; or end that."""
    from xianjie import returns

    who = by or getpass.getuser()
    with at_hand.warehouse():
        if end:
            ended = returns.end_waivers(row_id, by=who, business_date=date)
            say(f"已结束；{ended.reopened} 行重新待修复", plain(ended), as_json)
            return
        done = returns.waive(row_id, why=why, until=until, by=who, business_date=date)
    say(done.sentence, plain(done), as_json)
    if done.result != "waived":
        raise typer.Exit(1)


@app.command()
def replay(
    *,
    date: Date,
    department: Department = "",
    dataset: Dataset = "",
    rule: Annotated[str, typer.Option("--rule", help="Only rows that break this rule.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Also the rows that stand in the warehouse.")] = False,
    as_json: AsJson = False,
) -> None:
    """Judge returned rows again by today's contracts and codes, without a new delivery; what passes is merged."""
    from xianjie import returns

    with at_hand.warehouse():
        found = returns.replay(
            date,
            department=department or None,
            dataset=dataset or None,
            rule=rule or None,
            everything=everything,
        )
    document = [plain(each) for each in found]
    if as_json:
        print_json({"business_date": date, "datasets": document})
        return
    names = ("department", "dataset", "tried", "accepted", "quarantined")
    titles = ("部门", "数据集", "重新校验", "改为采纳", "改为或仍须修改")
    print_table(f"{date} 重新校验", titles, [[each[name] for name in names] for each in document])


@app.command()
def expire(date: Date, as_json: AsJson = False) -> None:
    """End what ran out by a date: rows nobody answered, waivers; every night does so by itself."""
    from xianjie import returns

    with at_hand.warehouse():
        done = returns.expire(date)
    say(
        f"逾期 {done.items} 行；到期的“情况属实” {done.waivers} 项，其中 {done.reopened} 行重新待修复",
        plain(done),
        as_json,
    )


@app.command()
def stats(date: LatestDate = None, department: Department = "", as_json: AsJson = False) -> None:
    """Print age, fix rate and recurrence of returned rows, by department; with --json by rule and week too."""
    from xianjie.returns import reading

    with at_hand.warehouse():
        day = date or _latest()
        found = plain(reading.statistics(settings().county_code, day, department or None))
    if as_json:
        print_json(found)
        return
    rows = [[_cell(each[name]) for name, _ in _RATES] for each in found["departments"]]
    print_table(f"{day} 退回数据修复情况", [title for _, title in _RATES], rows)


def _latest() -> dt.date:
    """The latest business date there is anything of; today before the first night."""
    from xianjie import dates
    from xianjie.night import status

    return status.latest(settings().county_code) or dates.now().date()


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "是" if value else ""
    if isinstance(value, list):
        return "；".join(map(str, value))
    return f"{value:.1f}" if isinstance(value, float) else value


def _line(value: Any) -> str:
    if isinstance(value, dict):
        return "，".join(f"{name} {_cell(each)}" for name, each in value.items() if each not in (None, [], ""))
    return str(_cell(value))

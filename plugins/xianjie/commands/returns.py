"""``xianjie returns``: take in what the offices sent back."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer

from xianjie.commands import at_hand
from xianjie.commands.output import AsJson, Date, print_json, print_table, say
from xianjie.settings import settings

app = typer.Typer(
    help="Returns (回收): workbooks with corrected rows, and submissions, that offices sent back.",
    no_args_is_help=True,
)

Department = Annotated[str, typer.Option("--department", metavar="CODE", help="The office that filled it in.")]


@app.command("list")
def show(
    department: Annotated[
        str | None, typer.Option("--department", metavar="CODE", help="Only this office's files.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many files.")] = 50,
    as_json: AsJson = False,
) -> None:
    """The files that came back, newest first, and what became of them."""
    from xianjie.returns import files

    with at_hand.warehouse():
        found = files.latest(settings().county_code, limit, department)
    rows = [
        {
            "file_id": str(file.file_id),
            "received_at": file.received_at.isoformat(timespec="minutes"),
            "channel": file.channel,
            "department": file.department,
            "kind": file.kind,
            "state": file.state,
            "error_code": file.error_code,
            "reason": file.reason,
            "business_date": file.business_date,
            "counts": dict(file.counts),
            "is_answered": file.answered_at is not None,
        }
        for file in found
    ]
    if as_json:
        print_json(rows)
        return
    print_table(
        "收到的文件",
        ("文件", "收到", "途径", "单位", "状态", "说明", "结果"),
        [
            (
                row["file_id"],
                row["received_at"],
                row["channel"],
                row["department"],
                row["state"],
                row["reason"],
                ", ".join(f"{name} {count}" for name, count in file.counts.items() if count),
            )
            for row, file in zip(rows, found, strict=True)
        ],
    )


@app.command()
def take(
    workbook: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The file as it came.")],
    department: Department,
    date: Date,
    by: Annotated[
        str, typer.Option("--by", help="Who hands it in.", show_default="your login name")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Take in one file, as if the office had sent it, and say where its answer lies."""
    from xianjie import returns
    from xianjie.returns import files

    with at_hand.warehouse():
        county = settings().county_code
        file = returns.hand_in(workbook, department, county, by or getpass.getuser())
        returns.take_in(date, county)
        done = files.one(county, file.file_id) or file
    document = {
        "file_id": str(done.file_id),
        "state": done.state,
        "error_code": done.error_code,
        "reason": done.reason,
        "counts": dict(done.counts),
        "answer": str(done.answer) if done.answer.exists() else None,
    }
    counts = ", ".join(f"{name} {count}" for name, count in done.counts.items() if count)
    say(f"{done.state}: {done.reason or counts or '没有填写的行'}。回执: {document['answer']}", document, as_json)
    if done.state != "taken":
        raise typer.Exit(1)


@app.command()
def collect(date: Date, as_json: AsJson = False) -> None:
    """Collect from every channel and take everything in, as the `returns` DAG does every ten minutes."""
    from xianjie import returns

    with at_hand.warehouse():
        county = settings().county_code
        found = returns.collect(county)
        done = returns.take_in(date, county)
    document = {
        "collected": found.files,
        "channels": found.channels,
        "files": dict(done.files),
        "rows": dict(done.rows),
        "business_date": date,
    }
    rows = ", ".join(f"{name} {count}" for name, count in done.rows.items())
    say(f"收到 {found.files} 个文件, 处理 {sum(done.files.values())} 个。{rows}", document, as_json)

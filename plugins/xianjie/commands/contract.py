"""``xianjie contract``: lint, diff and documents of what the departments promised."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from xianjie.commands.output import AsJson, console, print_json, print_table, say
from xianjie.contract.model import Contract
from xianjie.dates import parse_business_date
from xianjie.settings import settings

app = typer.Typer(
    help="Contracts (数据契约): check them, compare versions, write the dictionary.", no_args_is_help=True
)

Folder = Annotated[
    Path | None, typer.Option("--include", help="Include folder; default is the one of the settings.")
]


_STATES = {"on": "启用", "on_by_setting": "启用（设置）", "off": "未启用", "ended": "已停用"}


@app.command()
def lint(include: Folder = None, as_json: AsJson = False) -> None:
    """Check every contract; all faults are listed at once, exit code 1 when there is one."""
    from xianjie.contract.lint import lint as faults_of

    faults = list(faults_of(include or settings().include_dir))
    if as_json:
        print_json({"faults": [str(fault) for fault in faults]})
    else:
        for fault in faults:
            console.print(f"✗ {fault}", highlight=False)
        console.print("契约全部合格" if not faults else f"{len(faults)} 处不合格")
    if faults:
        raise typer.Exit(1)


@app.command()
def diff(
    old: Annotated[Path, typer.Argument(help="Contract file of the older version.")],
    new: Annotated[Path, typer.Argument(help="Contract file of the newer version.")],
    include: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Compare two versions of a contract: what breaks, and who is affected; exit code 1 when something breaks."""
    from xianjie.contract.diff import diff as changes_between

    changes = list(changes_between(old, new, include))
    if as_json:
        print_json({"changes": changes})
    else:
        rows = [
            ("破坏" if c.is_breaking else "兼容", c.text, "\n".join(each.text for each in c.affected))
            for c in changes
        ]
        print_table("变更", ("是否破坏", "变更", "影响"), rows)
    if any(change.is_breaking for change in changes):
        raise typer.Exit(1)


@app.command("list")
def show(as_json: AsJson = False) -> None:
    """List every dataset that has a contract, and whether the nights pull it."""
    from xianjie.contract.catalogue import catalogue

    rows = [
        {
            "dataset": contract.id,
            "code": contract.code,
            "department": contract.department_title,
            "title": contract.title,
            "cadence": contract.cadence.text,
            "state": _state(contract),
        }
        for contract in catalogue()
    ]
    if as_json:
        print_json(rows)
    else:
        print_table(
            "数据集",
            ("数据集", "编号", "部门", "名称", "频率", "状态"),
            [tuple((row | {"state": _STATES[row["state"]]}).values()) for row in rows],
        )


@app.command()
def infer(
    file: Annotated[Path, typer.Argument(help="A sample of the data: CSV, XLSX or JSON.", exists=True)],
    *,
    department: Annotated[str, typer.Option("--department", help="Folder below include/contracts.")],
    dataset: Annotated[str, typer.Option("--dataset", help="Name of the contract file.")],
    title: Annotated[str, typer.Option("--title", help="Chinese title of the dataset.")] = "TODO",
    code: Annotated[str, typer.Option("--code", help="Short code, first part of its rule ids.")] = "NEW-01",
    rows: Annotated[int, typer.Option("--rows", help="How many rows to look at.", min=1)] = 20_000,
    out: Annotated[
        Path | None, typer.Option("--out", help="File to write to; default is standard output.")
    ] = None,
    include: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Draft a contract from a sample file; TODO marks what a person has to decide."""
    from xianjie.commands.inferring import drafted

    folder = include or settings().include_dir
    text, summary = drafted(file, (department, dataset, title, code), rows, folder)
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text, encoding="utf-8")
        say(f"已写入 {out}，{summary['todos']} 处 TODO 待核对", {"written": str(out), **summary}, as_json)
    elif as_json:
        print_json({"text": text, **summary})
    else:
        typer.echo(text, nl=False)


@app.command()
def docs(
    out: Annotated[Path, typer.Option("--out", help="Folder to write to.")] = Path("docs/reference"),
    as_json: AsJson = False,
) -> None:
    """Write the dictionary of every department (HTML and XLSX) and the reference (Markdown)."""
    from xianjie.contract.dictionary import write, write_books

    written = [str(path) for path in (*write(out), *write_books(out))]
    say("\n".join(written), {"written": written}, as_json)


@app.command()
def submission(
    dataset: Annotated[str, typer.Argument(help="Contract, as <department>.<dataset>.")],
    out: Annotated[Path, typer.Option("--out", help="Folder to write to.")] = Path(),
    date: Annotated[
        dt.date | None,
        typer.Option(
            "--date", parser=parse_business_date, metavar="YYYY-MM-DD", help="Day of the code lists; default: today."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write the workbook (填报表) that an office without a system fills in and delivers."""
    from xianjie.contract import submission as workbook
    from xianjie.contract.catalogue import catalogue
    from xianjie.dates import now

    contract = catalogue().get(dataset)
    out.mkdir(parents=True, exist_ok=True)
    path = out / workbook.file_name(contract)
    workbook.write_submission(contract, path, date or now().date(), settings().county_code)
    say(str(path), {"written": str(path), "contract": contract.id, "version": contract.version}, as_json)


@app.command()
def pools(as_json: AsJson = True) -> None:
    """Print the Airflow pools the sources need as JSON, as ``airflow pools import`` reads them."""
    from xianjie.night.pools import pools as needed

    print_json(
        {
            p["name"]: {"slots": p["slots"], "description": p["description"], "include_deferred": False}
            for p in needed()
        }
    )


def _state(contract: Contract) -> str:
    """``on``, ``on_by_setting`` (named there), ``off`` or ``ended``."""
    named = {contract.department, contract.id} & {*settings().datasets_on}
    if contract.is_active:
        return "on_by_setting" if named else "on"
    return "ended" if contract.has_ended else "off"

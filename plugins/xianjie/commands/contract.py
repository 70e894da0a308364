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
    as_json: AsJson = False,
) -> None:
    """Compare two versions of a contract; exit code 1 when a change breaks what was promised."""
    from xianjie.contract.diff import diff as changes_between

    changes = list(changes_between(old, new))
    if as_json:
        print_json({"changes": changes})
    else:
        print_table(
            "变更", ("是否破坏", "变更"), [("破坏" if c.is_breaking else "兼容", c.text) for c in changes]
        )
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
def docs(
    out: Annotated[Path, typer.Option("--out", help="Folder to write to.")] = Path("docs/reference"),
    as_json: AsJson = False,
) -> None:
    """Write the dictionary of every department (HTML) and the reference (Markdown)."""
    from xianjie.contract.dictionary import write

    written = [str(path) for path in write(out)]
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

"""``xianjie night``: run a business date, and see how far it came."""

from __future__ import annotations

import datetime as dt
import sys
from contextlib import redirect_stdout
from enum import StrEnum
from typing import Annotated

import typer

from xianjie.commands import at_hand
from xianjie.commands.output import AsJson, Date, LatestDate, console, print_json, print_table
from xianjie.dates import now
from xianjie.night import view
from xianjie.night.errors import SchedulerError
from xianjie.night.follow import follow, is_sound
from xianjie.night.scheduler import Run, Scheduler
from xianjie.settings import settings

app = typer.Typer(help="Nights (夜间运行): run one, or see how far it came.", no_args_is_help=True)


class Start(StrEnum):
    """Where on the road a run starts."""

    INTAKE = "intake"
    WAREHOUSE = "warehouse"
    MONITORING = "monitoring"
    ACCOUNTABILITY = "accountability"


@app.command("run")
def run_night(
    date: Date,
    *,
    department: Annotated[
        list[str] | None,
        typer.Option("--department", help="Only this department; may be given more than once."),
    ] = None,
    start: Annotated[Start, typer.Option("--from", help="Stage to start at.")] = Start.INTAKE,
    is_inline: Annotated[
        bool,
        typer.Option("--inline", help="Run the stages in this process instead of through the scheduler."),
    ] = False,
    is_waiting: Annotated[
        bool, typer.Option("--wait/--no-wait", help="Follow the runs to their end.")
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Run a business date through the scheduler; running it again changes nothing that is not new."""
    if is_inline:
        _inline(date, department or [], start, as_json)
        return
    scheduler = _scheduler()
    earlier = frozenset(run.run_id for run in scheduler.runs(date))
    started = {
        dag_id: scheduler.trigger(dag_id, date, conf) for dag_id, conf in _dags(department or [], start)
    }
    runs: list[Run] = []
    if is_waiting:
        snapshots = follow(scheduler, date, earlier=earlier)
        runs = (
            list(snapshots)[-1] if as_json else view.watch(console, f"{date} 夜间运行", snapshots, _titles())
        )
    if as_json:
        print_json({"business_date": date, "started": started, "runs": [_short(run) for run in runs]})
    if is_waiting and not is_sound(runs):
        if not as_json:
            view.show_failures(console, scheduler, date, runs)
        raise typer.Exit(1)


@app.command()
def status(date: LatestDate = None, as_json: AsJson = False) -> None:
    """Print what every dataset's night came to, and the DAG runs when the scheduler is up."""
    from xianjie.night.status import datasets, latest

    with at_hand.warehouse():
        date = date or latest(settings().county_code) or now().date()
        rows = datasets(date, settings().county_code)
    scheduler = Scheduler.from_settings(settings())
    runs = [_short(run) for run in scheduler.runs(date)] if scheduler and scheduler.is_up() else []
    if as_json:
        print_json({"business_date": date, "datasets": rows, "runs": runs})
        return
    shown = ("department", "dataset", "pulled", "verdict", "concluded", "code", "reason")
    print_table(
        f"{date} 各数据集",
        ("部门", "数据集", "拉取", "判定", "结论", "代码", "原因"),
        [[row[name] for name in shown] for row in rows],
    )
    for row in rows:
        if row["concluded"] == "held":
            console.print(f"待确认 {row['delivery_id']}: xianjie delivery approve|refuse", highlight=False)
    if runs:
        print_table("运行", ("DAG", "运行编号", "状态"), [list(run.values()) for run in runs])


def _inline(date: dt.date, only: list[str], start: Start, as_json: bool) -> None:
    from xianjie.night.inline import run

    # Airflow's hooks log to standard output, which is ours.
    with at_hand.warehouse(), redirect_stdout(sys.stderr):
        results = run(date, _known(only), start.value)
    if as_json:
        print_json({"business_date": date, "steps": results})
    else:
        rows = [list(step.values()) for step in results]
        print_table(f"{date} 夜间运行 (本进程)", ("步骤", "结果", "秒", "错误"), rows)
    if any(step["error"] for step in results):
        raise typer.Exit(1)


def _dags(only: list[str], start: Start) -> list[tuple[str, dict[str, bool]]]:
    if start is not Start.INTAKE:
        return [(start.value, {})]
    departments = _known(only)
    conf = {} if only else {"together": True}
    return [(f"intake_{department}", conf) for department in departments]


def _known(only: list[str]) -> list[str]:
    known = _titles()
    for department in only:
        if department not in known:
            raise typer.BadParameter(
                f"no such department; there are {', '.join(known)}", param_hint="--department"
            )
    return only or list(known)


def _titles() -> dict[str, str]:
    from xianjie.contract.catalogue import catalogue

    return {code: contracts[0].department_title for code, contracts in catalogue().by_department().items()}


def _scheduler() -> Scheduler:
    scheduler = Scheduler.from_settings(settings())
    if scheduler is None or not scheduler.is_up():
        raise SchedulerError(
            "调度器没有运行", next_command="make up 或 xianjie night run --inline --date YYYY-MM-DD"
        )
    return scheduler


def _short(run: Run) -> dict[str, str]:
    return {"dag_id": run.dag_id, "run_id": run.run_id, "state": run.state}

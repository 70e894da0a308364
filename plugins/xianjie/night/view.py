"""Shows a night while it runs: a live table on a terminal, plain lines elsewhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from xianjie.night.follow import failed_tasks
from xianjie.night.scheduler import Run, Scheduler, Task
from xianjie.privacy import redact

_MARKS = {
    "success": ("✓", "green"),
    "skipped": ("–", "dim"),
    "running": ("…", "yellow"),
    "queued": ("·", "yellow"),
    "scheduled": ("·", "dim"),
    "up_for_retry": ("↻", "yellow"),
    "failed": ("✗", "bold red"),
    "upstream_failed": ("✗", "red"),
}
_CHAIN_TITLES = {
    "warehouse": "数据仓库",
    "monitoring": "风险监测",
    "accountability": "问责与报告",
    "returns": "更正回收",
}
_STAGES = ("拉取", "检查", "结论", "合并", "对账", "规则", "指标", "报告", "送达", "回收")
_STAGE_OF = {
    "check": "检查",
    "conclude": "结论",
    "merge": "合并",
    "reconcile": "对账",
    "watch": "规则",
    "measure": "指标",
    "pack": "报告",
    "send": "送达",
    "hand_out": "送达",
    "collect": "回收",
    "take_in": "回收",
}


def watch(
    console: Console, heading: str, snapshots: Iterator[list[Run]], titles: dict[str, str]
) -> list[Run]:
    """Shows every snapshot and returns the last one; `titles` name the departments."""
    return (_live if console.is_terminal else _plain)(console, heading, snapshots, titles)


def _live(
    console: Console, heading: str, snapshots: Iterator[list[Run]], titles: dict[str, str]
) -> list[Run]:
    runs: list[Run] = []
    with Live(console=console, refresh_per_second=4) as live:
        for runs in snapshots:
            live.update(table(heading, runs, titles))
    return runs


def _plain(
    console: Console, heading: str, snapshots: Iterator[list[Run]], titles: dict[str, str]
) -> list[Run]:
    console.print(heading)
    said: set[tuple[str, str]] = set()
    runs: list[Run] = []
    for runs in snapshots:
        for run in runs:
            if run.is_finished and (run.run_id, run.state) not in said:
                said.add((run.run_id, run.state))
                console.print(f"  {title_of(run.dag_id, titles)}  {run.state}  {_seconds(run)}")
    return runs


def table(heading: str, runs: list[Run], titles: dict[str, str]) -> Table:
    """Departments and chain as rows, stages as columns."""
    drawn = Table(title=heading, title_justify="left", header_style="bold")
    drawn.add_column("部门 / 环节", no_wrap=True)
    for stage in _STAGES:
        drawn.add_column(stage, justify="center")
    drawn.add_column("用时", justify="right")
    for run in runs:
        cells = [_cell([task for task in run.tasks if _stage(task) == stage]) for stage in _STAGES]
        drawn.add_row(title_of(run.dag_id, titles), *cells, _seconds(run))
    return drawn


def title_of(dag_id: str, titles: dict[str, str]) -> str:
    """The Chinese title of a DAG."""
    department = dag_id.removeprefix("intake_")
    return _CHAIN_TITLES.get(dag_id) or titles.get(department, department)


def show_failures(
    console: Console, scheduler: Scheduler, business_date: dt.date, runs: list[Run], lines: int = 25
) -> None:
    """For every failed task: where it failed, the end of its log without ID numbers, and the next command."""
    for run, task in failed_tasks(runs):
        console.print(
            f"[bold red]失败[/] {run.dag_id}.{task.task_id} (第 {task.try_number} 次)", highlight=False
        )
        log = scheduler.log(run, task).splitlines()
        tail = [line for line in log if line.strip() and not line.startswith("::")][-lines:]
        console.print(Text(redact("\n".join(tail)), style="dim"))
        console.print(f"下一步: xianjie night status --date {business_date}", highlight=False)


def _stage(task: Task) -> str | None:
    return "拉取" if task.task_id.startswith("pull_") else _STAGE_OF.get(task.task_id)


def _cell(tasks: list[Task]) -> Text:
    drawn = Text()
    for task in tasks:
        mark, style = _MARKS.get(task.state or "", (" ", ""))
        drawn.append(mark, style)
    return drawn


def _seconds(run: Run) -> str:
    if not run.started:
        return ""
    end = dt.datetime.fromisoformat(run.ended) if run.ended else dt.datetime.now(tz=dt.UTC)
    return f"{(end - dt.datetime.fromisoformat(run.started)).total_seconds():.1f} s"

"""Drives the demo: scripted nights through the scheduler, what came late, and the proof at the end."""

from __future__ import annotations

import datetime as dt
import json
import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from demo import nights
from demo.calendar import FIRST_NIGHT, SECOND_NIGHT
from demo.site import Site, secret, site
from demo.stack import Stack, departments, running
from xianjie.errors import XianjieError
from xianjie.night import view
from xianjie.night.follow import follow, is_sound
from xianjie.night.scheduler import Run
from xianjie.settings import settings


@dataclass(frozen=True)
class Result:
    """What a drive came to."""

    is_sound: bool
    nights: list[dt.date]
    seconds: int
    board: str


def run(console: Console, *, date: dt.date | None = None, people: int | None = None) -> Result:
    """Runs the two scripted nights from nothing, or adds the night of `date`.

    A stack that is up already is used for a further night and left running.
    """
    begun = time.monotonic()
    days = [date] if date else [FIRST_NIGHT, SECOND_NIGHT]
    with _stack(console, people, date) as stack:
        runs_are_good = [_night(console, stack, day) for day in days]
        state = stack.place.state()
        stack.place.keep(state, nights=tuple(sorted({*state.nights, *map(str, days)})))
        is_morning_good = _morning(console, stack, days[-1])
        ledgers_balance = [_ledger(console, stack, day) for day in days]
    is_sound = all(runs_are_good) and is_morning_good and all(ledgers_balance)
    seconds = round(time.monotonic() - begun)
    console.print(f"\n{'全部成功' if is_sound else '有失败, 见上'}  用时 {seconds} 秒", style="bold")
    _where(console, site(), days)
    return Result(is_sound, days, seconds, settings().board_url)


def _stack(console: Console, people: int | None, date: dt.date | None) -> AbstractContextManager[Stack]:
    begun = time.monotonic()

    def say(text: str) -> None:
        console.print(f"{time.monotonic() - begun:5.0f} s  {text}", highlight=False)

    place = site()
    if date and place.exists() and place.state().is_ready:
        stack = Stack(place, say)
        if stack.scheduler.is_up():
            return nullcontext(stack)
    return running(say, people, is_fresh=date is None or not place.exists())


def _night(console: Console, stack: Stack, day: dt.date) -> bool:
    stack.say(f"各部门准备 {day} 的数据")
    stack.run_to_end("night", ["-m", "demo", "night", "--date", str(day)])
    is_good = _started(console, stack, day, departments(), f"{day} 夜间运行", {"together": True})
    for department in nights.late(day):
        stack.say(f"{department} 的数据晚到, 送达并重跑 {day}")
        stack.run_to_end("late", ["-m", "demo", "late", "--date", str(day), "--department", department])
        is_good &= _started(console, stack, day, [department], f"{day} 晚到之后", {})
    return is_good


def _morning(console: Console, stack: Stack, day: dt.date) -> bool:
    """The clerks answer the workbooks of returned rows, and what they sent is taken in."""
    morning = day + dt.timedelta(days=1)
    stack.say(f"{morning} 早上: 各单位填写退回数据工作簿并发回")
    stack.run_to_end("clerks", ["-m", "demo", "clerks", "--date", str(day)])
    time.sleep(3)  # a file that was just written is not taken yet
    earlier = frozenset(run.run_id for run in stack.scheduler.runs(morning))
    stack.scheduler.trigger("returns", morning)
    runs: list[Run] = []
    try:
        snapshots = follow(stack.scheduler, morning, earlier=earlier, last="returns")
        runs = view.watch(console, f"{morning} 更正回收", snapshots, titles())
    except XianjieError as error:
        console.print(str(error), style="bold red")
    view.show_failures(console, stack.scheduler, morning, runs)
    _came_back(stack)
    return is_sound(runs)


def _came_back(stack: Stack) -> None:
    """One line an office: what of its rows was merged, what is still wrong."""
    from xianjie.board import desk

    for file in desk.desks(settings().county_code, "zh").files:
        counts = file.counts
        stack.say(
            f"    {file.department}({file.channel}): 入库 {counts.get('accepted', 0)} 行, "
            f"仍有问题 {counts.get('still_wrong', 0)} 行, 读不懂 {counts.get('remarks', 0)} 处, "
            f"作废 {counts.get('void', 0)} 行, 未填 {counts.get('unanswered', 0)} 行"
        )


def _started(
    console: Console, stack: Stack, day: dt.date, which: list[str], heading: str, conf: dict[str, bool]
) -> bool:
    scheduler = stack.scheduler
    earlier = frozenset(run.run_id for run in scheduler.runs(day))
    for department in which:
        scheduler.trigger(f"intake_{department}", day, conf)
    runs: list[Run] = []
    try:
        runs = view.watch(console, heading, follow(scheduler, day, earlier=earlier), titles())
    except XianjieError as error:
        console.print(str(error), style="bold red")
    runs = runs or [scheduler.with_tasks(run) for run in scheduler.runs(day) if run.run_id not in earlier]
    view.show_failures(console, scheduler, day, runs)
    return is_sound(runs) and any(run.dag_id == "accountability" for run in runs)


def titles() -> dict[str, str]:
    """Departments' Chinese titles by code."""
    from xianjie.contract.catalogue import catalogue

    return {code: contracts[0].department_title for code, contracts in catalogue().by_department().items()}


def _ledger(console: Console, stack: Stack, day: dt.date) -> bool:
    from xianjie import validation

    try:
        rows = validation.ledger(day, settings().county_code)
    except XianjieError as error:
        console.print(str(error), style="bold red")
        return False
    landed = sum(row.landed for row in rows)
    stack.say(f"{day} 台账平衡: {len(rows)} 个数据集, 来料 {landed:,} 行")
    return bool(rows)


def _where(console: Console, place: Site, days: list[dt.date]) -> None:
    for day in days:
        manifest = place.out / str(day) / "manifest.json"
        if manifest.exists():
            console.print(f"报告包 {manifest.parent}", highlight=False)
            for pack in json.loads(manifest.read_text(encoding="utf-8"))["packs"]:
                names = ", ".join(Path(file["path"]).name for file in pack["files"])
                console.print(f"    {pack['title']}: {names}", highlight=False)
    password = secret(place, "airflow_admin", 6)
    first = "" if place.state().is_ready else "先 make up, 再"
    console.print(f"数据质量页 {place.home / 'data_docs'}", highlight=False)
    console.print(f"看板: {first}打开 {settings().board_url} (用户 admin, 密码 {password})", highlight=False)

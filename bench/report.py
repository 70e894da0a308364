"""What a bench found, as tables for people: each step beside the floor of the same run, and the goals."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rich.table import Table

from bench.floor import DIFF, PARSE
from bench.gauges import Spent

STEPS = ("land", "check", "merge", "compare", "rules", "figures")
_NIGHTS = ("first load", "1 % night")


@dataclass(frozen=True)
class Goal:
    """How often the floor a night may take: the goal, and what is near enough to be done for now."""

    ratio: float
    near_enough: float

    def said(self, ratio: float) -> str:
        """Whether a measured ratio meets it."""
        if ratio <= self.ratio:
            return "met"
        return "near enough" if ratio <= self.near_enough else "missed"


# From the design's numbers: a county's first load 10 s and its 1 % night 3.5 s at a floor of 2.2 s; half as much
# again is near enough for now.
GOALS = (Goal(4.5, 6.8), Goal(1.6, 2.4))


@dataclass
class Night:
    """Seconds a step, and rows landed and accepted, of one night; `floors` was measured between its steps."""

    number: int
    steps: dict[str, Spent] = field(default_factory=dict)
    floors: list[dict[str, Spent]] = field(default_factory=list)
    landed: int = 0
    accepted: int = 0

    @property
    def ours(self) -> Spent:
        """All our steps together."""
        return sum(self.steps.values(), Spent())

    @property
    def counted(self) -> Spent:
        """The steps that the goals were set for: parse, land, diff, sieve, merge, rules, marts."""
        return sum((spent for name, spent in self.steps.items() if name != "compare"), Spent())

    @property
    def floor(self) -> dict[str, Spent]:
        """The floor by part, the mean of all measurements."""
        return {
            part: sum((each[part] for each in self.floors), Spent()) / len(self.floors) for part in (PARSE, DIFF)
        }

    @property
    def least(self) -> Spent:
        """The whole floor."""
        return sum(self.floor.values(), Spent())

    def after_landing(self) -> Spent:
        """What a night costs once it is landed."""
        return sum((spent for name, spent in self.steps.items() if name != "land"), Spent())


def steps_table(people: int, nights: Sequence[Night]) -> Table:
    """Every step in seconds of wall and CPU, and as a multiple of the floor's wall."""
    table = Table(title=f"{people:,} people, {os.cpu_count()} cores: seconds (CPU: pipeline + PostgreSQL)")
    table.add_column("step")
    for name in _NIGHTS:
        for heading in (name, "× floor", "CPU"):
            table.add_column(heading, justify="right")
    table.add_row("rows landed", *_counts(night.landed for night in nights))
    table.add_row("rows accepted", *_counts(night.accepted for night in nights), end_section=True)
    for name in STEPS:
        table.add_row(name, *_cells([(night.steps[name], night) for night in nights]))
    counted = _cells([(night.counted, night) for night in nights])
    table.add_row("ours without compare", *counted, style="bold")
    table.add_row("ours", *_cells([(night.ours, night) for night in nights]), style="bold", end_section=True)
    for name in (PARSE, DIFF):
        table.add_row(f"floor: {name}", *_cells([(night.floor[name], night) for night in nights]))
    return table


def goals_table(nights: Sequence[Night]) -> Table:
    """The ratios that count, by wall and by CPU, beside their goals; and those of all steps."""
    table = Table(title="ours / floor of the same run")
    for heading in ("night", "wall", "CPU", "goal", "near enough", "by wall"):
        table.add_column(heading, justify="left" if heading == "night" else "right")
    for name, night, goal in zip(_NIGHTS, nights, GOALS, strict=True):
        wall, cpu = _ratios(night.counted, night)
        said = (f"{goal.ratio} ×", f"{goal.near_enough} ×", goal.said(night.counted.wall / night.least.wall))
        table.add_row(name, wall, cpu, *said)
    for name, night in zip(_NIGHTS, nights, strict=True):
        table.add_row(f"{name} with compare", *_ratios(night.ours, night))
    return table


def _ratios(spent: Spent, night: Night) -> tuple[str, str]:
    return f"{spent.wall / night.least.wall:.1f} ×", f"{spent.cpu / night.least.cpu:.1f} ×"


def _cells(found: Sequence[tuple[Spent, Night]]) -> list[str]:
    cells = []
    for spent, night in found:
        cells += [
            f"{spent.wall:.2f}",
            f"{spent.wall / night.least.wall:.2f}",
            f"{spent.pipeline:.1f} + {spent.postgres:.1f}",
        ]
    return cells


def _counts(numbers: Iterable[int]) -> list[str]:
    return [cell for number in numbers for cell in (f"{number:,}", "", "")]

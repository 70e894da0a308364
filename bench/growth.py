"""How a night's cost grows with what exists: the same number of changed rows on twice the people."""

from __future__ import annotations

from pathlib import Path

import duckdb

from bench.report import Night
from xianjie.contract.catalogue import catalogue
from xianjie.database.columnar import identifier

GOAL = 1.3


def halve_changes(folder: Path) -> None:
    """Takes every second record of the second night back to what it was on the first."""
    for contract in catalogue().active():
        before, tonight = (folder / f"night{number}" / f"{contract.id}.csv" for number in (1, 2))
        key = ", ".join(identifier(contract.field(name).label) for name in contract.key)
        aside = tonight.with_suffix(".aside")
        read = "select * from read_csv('{}', all_varchar = true, header = true) where hash({}) % 2 = {}"
        duckdb.execute(
            f"copy ({read.format(tonight, key, 0)} union all {read.format(before, key, 1)}) "
            f"to '{aside}' (format csv, header)"
        )
        aside.replace(tonight)


def growth_line(smaller: Night, larger: Night) -> str:
    """The two nights beside each other, landing left out: it reads what exists, always."""
    small, large = smaller.after_landing(), larger.after_landing()
    return (
        f"twice the base, {larger.accepted:,} instead of {smaller.accepted:,} accepted rows, after landing: "
        f"{large.wall / small.wall:.2f} × by wall, {large.cpu / small.cpu:.2f} × by CPU (goal {GOAL} ×)"
    )

"""``xianjie ledger`` and ``xianjie trace``: where rows went, and where a number comes from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from xianjie.commands import at_hand
from xianjie.commands.output import AsJson, Date, console, plain, print_json, print_table
from xianjie.settings import settings

_LEDGER = (
    ("department", "部门"),
    ("dataset", "数据集"),
    ("landed", "来料"),
    ("unchanged", "未变"),
    ("accepted", "采纳"),
    ("quarantined", "退回"),
    ("warned", "提示"),
    ("absent", "消失"),
    ("merged", "合并"),
)


def ledger(date: Date, as_json: AsJson = False) -> None:
    """Print the row ledger of a business date; exit code 1 when it does not balance.

    Corrected rows and rows judged again have ledger rows of their own.
    """
    from xianjie import validation

    with at_hand.warehouse():
        rows = [plain(row) for row in validation.ledger(date, settings().county_code)]
        ours = [plain(row) for row in validation.returns_ledger(date, settings().county_code)]
    if as_json:
        print_json({"business_date": date, "datasets": rows, "returns": ours})
        return
    _print_ledger(f"{date} 台账", rows)
    if ours:
        _print_ledger(f"{date} 更正与重新校验", ours)


def _print_ledger(title: str, rows: Sequence[dict[str, Any]]) -> None:
    names = [name for name, _ in _LEDGER]
    print_table(title, [label for _, label in _LEDGER], [[row.get(name) for name in names] for row in rows])


def trace(
    indicator: Annotated[str, typer.Argument(help="Code of the indicator, such as I-3B-01.")],
    date: Date,
    division: Annotated[str, typer.Option("--division", help="Code of the county, town or village.")] = "",
    as_json: AsJson = False,
) -> None:
    """Open a printed number into its evidence rows, down to the delivery and the source row."""
    from xianjie import accountability

    with at_hand.warehouse():
        found = plain(accountability.trace(indicator, division or settings().county_code, date))
    if as_json:
        print_json(found)
        return
    rows = found.pop("rows")
    for name, value in found.items():
        console.print(f"{name}: {value}", highlight=False)
    shown = (
        "household_id",
        "village_code",
        "numerator",
        "denominator",
        "dataset",
        "delivery_id",
        "file",
        "line",
    )
    print_table(
        f"证据行 ({len(rows)} / {found['entities']})",
        [*shown, "correction"],
        [[*(row[name] for name in shown), _corrected(row["correction"])] for row in rows],
    )


def _corrected(correction: dict[str, Any] | None) -> str | None:
    """By whom a row was corrected, in which file, and what it came in at first."""
    if correction is None:
        return None
    done = "确认属实" if correction["decision"] == "waive" else "更正"
    return (
        f"{correction['department']} 于 {correction['corrected_on']} {done}:"
        f" {correction['file']} {correction['sheet']} 第 {correction['line']} 行;"
        f" 原来料 {correction['original_delivery_id']} {correction['original_file'] or ''}"
        f" 第 {correction['original_line']} 行"
    )

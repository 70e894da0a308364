"""A returned-rows workbook of 50,000 rows, beside pandas with XlsxWriter, in one run: ``python -m bench.workbook``.

Two comparisons, each writing the same cells: our sheet of returned rows with locks, looks, drop-downs and seals
against a bare pandas dump of its columns; and a plain 50,000 × 16 list as the reports write it against the same
frame. Delivered texts are made up and handed over, so that neither side reads anything. CPU seconds are compared:
other programs on the machine do not count.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import resource
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from xianjie.contract.catalogue import catalogue
from xianjie.contract.model import Contract
from xianjie.reports.book import Book, Column
from xianjie.reports.model import Problem, ReturnedRow, ReturnedSheet
from xianjie.reports.returned_rows import sheet as returned_sheet
from xianjie.reports.returned_rows import write_returned_rows

DAY = dt.date(2026, 9, 22)
DATASET = "housing.house_safety"
_FILLED = 12  # delivered fields of a row that hold something
_PLAIN = 16


def returned(rows: int) -> tuple[ReturnedSheet, dict[str, tuple[str, ...]]]:
    """Rows that break one or two rules each, and their delivered texts by row id."""
    contract = catalogue().get(DATASET)
    problems = (
        Problem("HOU-01.owner_id_number.checksum", "产权人身份证号校验位不对", "对照身份证原件改正", "owner_id_number"),
        Problem("HOU-01.grade.code", "鉴定等级不在代码表内", "改为 A、B、C、D 级或未鉴定", "grade"),
    )
    items = tuple(
        ReturnedRow(
            row_id=str(uuid.UUID(int=n)), department=contract.department, dataset=contract.dataset,
            source_file="农房安全档案.xlsx", source_line=n, opened_on=DAY, problems=problems[: 1 + n % 2], original={},
            row_hash=str(uuid.UUID(int=n)), contract_version=contract.version, first_opened_on=DAY,
        )
        for n in range(1, rows + 1)
    )  # fmt: skip
    columns = tuple((field.name, field.label) for field in contract.fields)
    sheet = ReturnedSheet(
        contract.department, contract.dataset, contract.code, contract.title, columns, contract.key, items
    )
    return sheet, {item.row_id: _texts(contract, number) for number, item in enumerate(items)}


def _texts(contract: Contract, number: int) -> tuple[str, ...]:
    return tuple(f"值{number}-{place}" if place < _FILLED else "" for place in range(len(contract.fields)))


def ours(path: Path, rows: int) -> Callable[[], object]:
    """The workbook as the packs write it, but for the landing, which is not read."""
    sheet, texts = returned(rows)
    returned_sheet.texts_of = lambda *_: texts
    return lambda: write_returned_rows(path, [sheet], DAY, "639900", title="住建局", revision=1)


def pandas_returned(path: Path, rows: int) -> Callable[[], object]:
    """The same cells through pandas: no lock, no look, no drop-down, no seal."""
    import pandas

    sheet, texts = returned(rows)
    lines = [_flat(number, item, texts[item.row_id]) for number, item in enumerate(sheet.rows, 1)]
    frame = pandas.DataFrame(lines)
    return lambda: frame.to_excel(path, engine="xlsxwriter", index=False)


def _flat(number: int, item: ReturnedRow, texts: tuple[str, ...]) -> list[object]:
    titles, fixes = "\n".join(p.title for p in item.problems), "\n".join(p.fix for p in item.problems)
    fixed = [number, titles, fixes, str(item.opened_on), item.source_file, None, None]
    answers = [cell for text in texts for cell in (text or None, None)]
    return [*fixed, *answers, item.row_id, item.row_hash, item.contract_version, item.row_hash[:24]]


def plain_ours(path: Path, rows: int) -> Callable[[], object]:
    """A list of `_PLAIN` columns as a report has it."""
    lines = _lines(rows)

    def write() -> None:
        book = Book(path, "bench", DAY, "bench")
        columns = [Column(f"列{n}", 14) for n in range(_PLAIN)]
        book.list_sheet("表", "表", [], columns, lines)
        book.close()

    return write


def plain_pandas(path: Path, rows: int) -> Callable[[], object]:
    """The same list through pandas."""
    import pandas

    frame = pandas.DataFrame(_lines(rows))
    return lambda: frame.to_excel(path, engine="xlsxwriter", index=False)


def _lines(rows: int) -> list[list[str | int]]:
    return [[number, *(f"值{number}-{place}" for place in range(_PLAIN - 1))] for number in range(rows)]


CASES: dict[str, Callable[[Path, int], Callable[[], object]]] = {
    "ours": ours,
    "pandas_returned": pandas_returned,
    "plain_ours": plain_ours,
    "plain_pandas": plain_pandas,
}


def measure(case: str, rows: int) -> None:
    """Runs one case in this process and prints CPU seconds, wall seconds, peak MB and file KB."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        path = Path(folder) / "out.xlsx"
        work = CASES[case](path, rows)
        cpu, wall = time.process_time(), time.perf_counter()
        work()
        spent = (time.process_time() - cpu, time.perf_counter() - wall)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        sys.stdout.write(f"{spent[0]:.2f} {spent[1]:.2f} {peak} {path.stat().st_size // 1024}\n")


def main() -> int:
    """Runs every case in a process of its own and prints the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.workbook", description=__doc__)
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--case", choices=CASES)
    given = parser.parse_args()
    os.environ.setdefault("XIANJIE_TOKEN_KEY", "11" * 32)
    if given.case:
        measure(given.case, given.rows)
        return 0
    found: dict[str, tuple[float, ...]] = {}
    for case in CASES:
        command = [sys.executable, "-m", "bench.workbook", "--rows", str(given.rows), "--case", case]
        printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
        found[case] = tuple(map(float, printed))
    table = Table(title=f"{given.rows:,} rows", title_justify="left")
    for heading in ("what", "CPU s", "wall s", "peak MB", "file KB", "ratio to pandas"):
        table.add_column(heading)
    for case, peer in (("ours", "pandas_returned"), ("plain_ours", "plain_pandas")):
        for name in (case, peer):
            ratio = f"{found[name][0] / found[peer][0]:.2f}"
            table.add_row(name, *(f"{number:g}" for number in found[name]), ratio)
    Console().print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())

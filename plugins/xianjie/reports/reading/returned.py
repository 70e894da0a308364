"""The rows that go back, with the text their department delivered (masked), from the landing."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, text

from xianjie import landing
from xianjie.contract.catalogue import catalogue
from xianjie.contract.model import Contract
from xianjie.database.columnar import columnar, identifier
from xianjie.database.migrate import script
from xianjie.reports.model import Problem, ProblemCount, ReturnedRow, ReturnedSheet
from xianjie.reports.protect import shown
from xianjie.reports.words import Words


def sheets(
    connection: Connection, business_date: dt.date, county: str, w: Words
) -> tuple[ReturnedSheet, ...]:
    """The returned rows that are open at the end of `business_date`, one `ReturnedSheet` a dataset."""
    values = {"county": county, "business_date": business_date}
    problems = _problems(connection.execute(text(script("reports", "findings.sql")), values))
    rows = connection.execute(text(script("reports", "returned_rows.sql")), values).all()
    return tuple(
        _sheet(contract, list(mine), problems, w)
        for name, mine in groupby(rows, key=lambda row: f"{row.department}.{row.dataset}")
        if (contract := _contract(name)) is not None
    )


def _contract(name: str) -> Contract | None:
    return next((contract for contract in catalogue().active() if contract.id == name), None)


def _problems(findings: Iterable[Any]) -> dict[str, tuple[Problem, ...]]:
    found: dict[str, list[Problem]] = defaultdict(list)
    for f in findings:
        found[str(f.row_id)].append(Problem(f.rule_id, f.title, f.fix, f.field or None))
    return {row_id: tuple(problems) for row_id, problems in found.items()}


def _sheet(
    contract: Contract, rows: Sequence[Any], problems: Mapping[str, tuple[Problem, ...]], w: Words
) -> ReturnedSheet:
    originals = _originals(contract, rows, w("returned.withheld"))
    return ReturnedSheet(
        department=contract.department,
        dataset=contract.dataset,
        code=contract.code,
        title=contract.title,
        columns=tuple((field.name, field.label) for field in contract.fields),
        key=contract.key,
        rows=tuple(
            ReturnedRow(
                row_id=str(row.row_id),
                department=row.department,
                dataset=row.dataset,
                source_file=row.source_file or "",
                source_line=int(row.source_line or 0),
                opened_on=row.opened_on,
                problems=problems.get(str(row.row_id), ()),
                original=originals.get((row.delivery_id, row.source_row), {}),
                delivery_id=row.delivery_id,
                source_row=row.source_row,
                row_hash=str(row.row_hash),
                contract_version=row.contract_version,
                first_opened_on=row.first_opened_on,
                attempt=row.attempt,
            )
            for row in rows
        ),
    )


def _originals(
    contract: Contract, rows: Sequence[Any], withheld: str
) -> dict[tuple[str, int], dict[str, str]]:
    """Masked texts by (delivery, row in it); a delivery gone from the landing leaves its cells empty."""
    by_delivery: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        by_delivery[row.delivery_id].append(row.source_row)
    found: dict[tuple[str, int], dict[str, str]] = {}
    for delivery_id, numbers in by_delivery.items():
        for number, texts in delivered(contract, delivery_id, numbers):
            found[delivery_id, number] = {
                field.name: shown(contract, field, value, withheld)
                for field, value in zip(contract.fields, texts, strict=True)
            }
    return found


def delivered(
    contract: Contract, delivery_id: str, numbers: list[int]
) -> Iterable[tuple[int, Sequence[str | None]]]:
    """(row number, texts in the order of the contract's fields) as they came; none when the delivery is gone.

    Personal values stand in them: they are masked before anybody sees them, but for `returned_rows.items`.
    """
    try:
        delivery = landing.load(delivery_id)
    except landing.DeliveryNotFoundError:
        return []
    names = [field.name for field in contract.fields]
    fields, rows = ", ".join(map(identifier, names)), landing.delivered_sql(delivery, names)
    with columnar() as duck:
        wanted = f"select _row, {fields} from {rows} where _row in (select unnest(?))"
        return [(row[0], row[1:]) for row in duck.execute(wanted, [numbers]).fetchall()]


def problem_counts(returned: Iterable[ReturnedSheet], titles: Mapping[str, str]) -> tuple[ProblemCount, ...]:
    """How many open returned rows break each rule, most frequent first."""
    found: Counter[ProblemCount] = Counter()
    for sheet in returned:
        for row in sheet.rows:
            for p in row.problems:
                title = titles.get(sheet.department, sheet.department)
                found[ProblemCount(sheet.department, title, sheet.code, p.rule_id, p.title, p.fix, 0)] += 1
    ranked = sorted(found.items(), key=lambda item: (-item[1], item[0].rule_id))
    return tuple(
        ProblemCount(p.department, p.department_title, p.code, p.rule_id, p.title, p.fix, rows)
        for p, rows in ranked
    )

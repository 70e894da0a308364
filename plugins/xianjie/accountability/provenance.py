"""Who corrected a row (更正出处): department, file and line, and the delivery the row came from at first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, text

from xianjie.database.columnar import columnar, literal
from xianjie.landing import DeliveryNotFoundError, load

Place = tuple[str, int]
Line = tuple[str | None, int | None]

_CORRECTIONS = text("""
    select
        c.delivery_id, c.source_row, c.department, c.decision, w.file_name, c.sheet, c.line, c.business_date,
        c.original_delivery_id, c.original_row
    from quality.correction as c
    inner join quality.returned_workbook as w using (county_code, file_sha256)
    where c.county_code = :county and c.delivery_id = any(:deliveries) and c.new_op = 'U' and c.is_confirmed
""")


@dataclass(frozen=True)
class Correction:
    """A row as an office answered it: `decision` is ``correct``, or ``waive`` for true as it is.

    `file`, `sheet` and `line` are the workbook's; the original ones those of the file that brought the row.
    """

    department: str
    decision: str
    corrected_on: dt.date
    file: str
    sheet: str
    line: int
    original_delivery_id: str
    original_file: str | None
    original_line: int | None


def corrections(connection: Connection, county_code: str, deliveries: Iterable[str]) -> dict[Place, Correction]:
    """The corrections that some deliveries carry, by (delivery id, row in it)."""
    rows = connection.execute(
        _CORRECTIONS, {"county": county_code, "deliveries": sorted(set(deliveries))}
    ).all()
    places = lines((row.original_delivery_id, row.original_row) for row in rows)
    return {
        (row.delivery_id, row.source_row): Correction(
            row.department,
            row.decision,
            row.business_date,
            row.file_name,
            row.sheet,
            row.line,
            row.original_delivery_id,
            *places.get((row.original_delivery_id, row.original_row), (None, None)),
        )
        for row in rows
    }


def lines(places: Iterable[Place]) -> dict[Place, Line]:
    """File and line of rows by (delivery id, row in it); what the landing no longer holds is left out."""
    wanted: dict[str, set[int]] = {}
    for delivery_id, row in places:
        wanted.setdefault(delivery_id, set()).add(row)
    return {
        (delivery_id, row): line
        for delivery_id, numbers in wanted.items()
        for row, line in _lines(delivery_id, numbers).items()
    }


def _lines(delivery_id: str, numbers: set[int]) -> dict[int, Line]:
    try:
        path = load(delivery_id).data_path
    except DeliveryNotFoundError:
        return {}
    listed = ", ".join(str(number) for number in sorted(numbers))
    query = f"select _row, _file, _line from read_parquet({literal(path)}) where _row in ({listed})"
    with columnar() as connection:
        return {row: (file, line) for row, file, line in connection.execute(query).fetchall()}

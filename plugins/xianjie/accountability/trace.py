"""Where a number comes from: figure, evidence rows, delivery, source file and line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlalchemy import Connection, Row

from xianjie.accountability.errors import NoSuchValueError
from xianjie.accountability.indicators import indicators
from xianjie.accountability.provenance import Correction, Line, Place, corrections, lines
from xianjie.database.engine import transaction
from xianjie.warehouse.questions.params import bound

_FIGURE = """
select v.revision, v.entities, v.numerator, v.denominator, v.value, v.target, v.light
from accountability.current_value as v
where v.county_code = :county_code and v.business_date = :business_date and v.indicator = :indicator
    and v.division_code = :division
"""

_ROWS = """
select
    e.entity_kind, e.entity_id, e.household_id, e.village_code, e.numerator, e.denominator, e.dataset,
    e.delivery_id, e.source_row
from accountability.evidence as e
where e.county_code = :county_code and e.indicator = :evidence
    and e.valid_from <= :business_date and e.valid_to > :business_date
    and (:division = :county_code or e.village_code like :division || '%')
order by e.numerator, e.village_code, e.household_id, e.entity_id
limit :limit
"""

_SUMS = """
select count(*) as entities, coalesce(sum(e.numerator), 0) as numerator
from accountability.evidence as e
where e.county_code = :county_code and e.indicator = :evidence
    and e.valid_from <= :business_date and e.valid_to > :business_date
    and (:division = :county_code or e.village_code like :division || '%')
"""


@dataclass(frozen=True)
class EvidenceRow:
    """One row behind a figure; `file` and `line` say where a person finds it, None where no file stands.

    `correction` says who corrected the row, when it came back from an office.
    """

    entity_kind: str
    entity_id: str
    household_id: str | None
    village_code: str | None
    numerator: Decimal
    denominator: Decimal
    dataset: str | None
    delivery_id: str | None
    source_row: int | None
    file: str | None = None
    line: int | None = None
    correction: Correction | None = None


@dataclass(frozen=True)
class Trace:
    """A published figure opened up. `rows` are at most the number asked for, `entities` counts them all.

    `is_proven` says that the evidence held today still adds up to the published figure.
    """

    indicator: str
    title: str
    definition: str
    division_code: str
    business_date: dt.date
    revision: int
    value: Decimal | None
    unit: str
    numerator: Decimal
    denominator: Decimal
    target: Decimal | None
    light: str
    entities: int
    is_proven: bool
    rows: tuple[EvidenceRow, ...]


def trace(
    indicator: str, division: str, business_date: dt.date, *, county_code: str | None = None, limit: int = 200
) -> Trace:
    """Opens a figure into the rows behind it, those that count against it first.

    Args:
        indicator: code of the indicator.
        division: 6, 9 or 12 digits.
        business_date: date of publication; its current revision is meant.
        county_code: default is the first six digits of the division.
        limit: how many evidence rows to resolve.

    Raises:
        NoSuchValueError: nothing was published under these names.
    """
    known = {each.id: each for each in indicators()}.get(indicator)
    if known is None:
        raise NoSuchValueError("没有这项指标", next_command="xianjie night status")
    keys = {
        "county_code": county_code or division[:6],
        "business_date": business_date,
        "indicator": indicator,
        "evidence": known.evidence,
        "division": division,
        "limit": limit,
    }
    with transaction() as connection:
        figure = connection.execute(bound(_FIGURE, keys)).one_or_none()
        if figure is None:
            raise NoSuchValueError("没有这一天、这个区划的这项指标", next_command="xianjie night status")
        sums = connection.execute(bound(_SUMS, keys)).one()
        rows = _located(connection, str(keys["county_code"]), _rows(connection, keys))
    proven = (sums.entities, sums.numerator) == (figure.entities, figure.numerator)
    return Trace(
        indicator,
        known.spec.title,
        known.spec.definition,
        division,
        business_date,
        figure.revision,
        figure.value,
        known.spec.unit,
        figure.numerator,
        figure.denominator,
        figure.target,
        figure.light,
        figure.entities,
        proven,
        rows,
    )


def _rows(connection: Connection, keys: dict[str, object]) -> Sequence[Row[tuple[object, ...]]]:
    return connection.execute(bound(_ROWS, keys)).all()


def _located(
    connection: Connection, county_code: str, rows: Iterable[Row[tuple[object, ...]]]
) -> tuple[EvidenceRow, ...]:
    """Rows with file and line, and who corrected them."""
    known = [EvidenceRow(**row._mapping) for row in rows]
    places = [(row.delivery_id, row.source_row) for row in known if row.delivery_id and row.source_row is not None]
    found = lines(places)
    corrected = corrections(connection, county_code, (delivery_id for delivery_id, _ in places))
    return tuple(_with_line(row, found, corrected) for row in known)


def _with_line(
    row: EvidenceRow, found: Mapping[Place, Line], corrected: Mapping[Place, Correction]
) -> EvidenceRow:
    if row.delivery_id is None or row.source_row is None:
        return row
    place = (row.delivery_id, row.source_row)
    file, line = found.get(place, (None, None))
    return replace(row, file=file, line=line, correction=corrected.get(place))

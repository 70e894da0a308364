"""The tree 1+7+5+N with the lights of its indicators, for packs and the board."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, RowMapping

from xianjie.accountability.framework import UNCONFIRMED, Node, Organisation, accountability
from xianjie.accountability.indicators import IndicatorSpec, indicators
from xianjie.warehouse.questions.params import bound

_FIGURES = """
select
    r.indicator,
    r.status,
    r.reason,
    v.division_code,
    v.revision,
    v.numerator,
    v.denominator,
    v.value,
    v.target,
    v.light,
    v.is_confirmed,
    v.missing_departments
from accountability.indicator_run as r
left join accountability.current_value as v
    on
        r.county_code = v.county_code
        and r.business_date = v.business_date
        and r.indicator = v.indicator
        and v.division_code = :division
where r.county_code = :county_code and r.business_date = :business_date
"""

_WORST = ("red", "yellow", "green", "grey")


@dataclass(frozen=True)
class Figure:
    """An indicator's figure for one division; `note` says what is missing or not confirmed, in Chinese."""

    indicator: str
    title: str
    unit: str
    lead: Organisation
    status: str
    value: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None
    target: Decimal | None
    light: str
    is_confirmed: bool
    missing_departments: tuple[str, ...]
    note: str


@dataclass(frozen=True)
class NodeState:
    """A node with the figures that measure it; its light is the worst of theirs."""

    node: Node
    lead: Organisation
    co: tuple[Organisation, ...]
    figures: tuple[Figure, ...]
    light: str
    missing_departments: tuple[str, ...]

    @property
    def title(self) -> str:
        """The node's name as printed, marked when the county has not confirmed it."""
        return self.node.name if self.node.is_confirmed else self.node.name + UNCONFIRMED


@dataclass(frozen=True)
class Scoreboard:
    """All figures of one division and date, and the tree they hang in."""

    business_date: dt.date
    county_code: str
    division_code: str
    revision: int | None
    figures: tuple[Figure, ...]
    nodes: tuple[NodeState, ...]


def scoreboard(
    connection: Connection, business_date: dt.date, county_code: str, division_code: str | None = None
) -> Scoreboard:
    """The scoreboard of a county, or of a town or village in it; figures in force for the business date."""
    keys = {
        "county_code": county_code,
        "business_date": business_date,
        "division": division_code or county_code,
    }
    rows = {row["indicator"]: row for row in connection.execute(bound(_FIGURES, keys)).mappings()}
    frame = accountability()
    units = {unit.code: unit for unit in frame.organisations}
    figures = {each.id: _figure(each.spec, rows.get(each.id), units) for each in indicators()}
    nodes = tuple(_node(node, figures, units) for node in frame.tree.nodes)
    revision = next((row["revision"] for row in rows.values() if row["revision"]), None)
    return Scoreboard(
        business_date, county_code, division_code or county_code, revision, tuple(figures.values()), nodes
    )


def _figure(spec: IndicatorSpec, row: RowMapping | None, units: Mapping[str, Organisation]) -> Figure:
    known: dict[str, Any] = {**row} if row else {}
    names = known.get("missing_departments") or []
    notes = [str(known["reason"])] if known.get("reason") else []
    notes += [] if row else ["当日未计算"]
    confirmed = bool(known.get("is_confirmed"))
    notes += [] if confirmed or spec.direction == "context" else ["目标" + UNCONFIRMED]
    return Figure(
        spec.id,
        spec.title,
        spec.unit,
        units[spec.lead],
        str(known.get("status", "blocked")),
        known.get("value"),
        known.get("numerator"),
        known.get("denominator"),
        known.get("target"),
        str(known.get("light") or "grey"),
        confirmed,
        tuple(names),
        "；".join(notes),
    )


def _node(node: Node, figures: Mapping[str, Figure], units: Mapping[str, Organisation]) -> NodeState:
    mine = tuple(figures[code] for code in node.indicators)
    lights = {figure.light for figure in mine}
    missing = sorted({name for figure in mine for name in figure.missing_departments})
    return NodeState(
        node,
        units[node.lead],
        tuple(units[code] for code in node.co),
        mine,
        next((light for light in _WORST if light in lights), "grey"),
        tuple(missing),
    )

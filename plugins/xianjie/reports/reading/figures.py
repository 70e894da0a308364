"""The county's indicators with their lights, and the tree they belong to."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import Connection, text

from xianjie.accountability.framework import Mechanism, accountability
from xianjie.accountability.indicators import IndicatorSpec
from xianjie.accountability.indicators import indicators as definitions
from xianjie.accountability.scoreboard import Figure, Scoreboard, scoreboard
from xianjie.reports.model import Indicator, Light, Node, Slogan
from xianjie.reports.words import Words

_LIGHTS: dict[str, Light] = {"green": "green", "yellow": "yellow", "red": "red"}
_BOUND = {"up": "≥", "down": "≤"}
_BEFORE = text(
    "select max(business_date) from accountability.publication"
    " where county_code = :county and business_date < :business_date"
)


def figures(
    connection: Connection, business_date: dt.date, county: str, w: Words
) -> tuple[tuple[Indicator, ...], tuple[Node, ...]]:
    """The county's indicators, in order of code, and the tree with its lights.

    An indicator that was not computed has no value and no light; one without a target is unlit. The value before
    is that of the last date that has figures.
    """
    board = scoreboard(connection, business_date, county)
    keys = {"county": county, "business_date": business_date}
    before = connection.execute(_BEFORE, keys).scalar_one_or_none()
    earlier = scoreboard(connection, before, county).figures if before else ()
    previous = {figure.indicator: figure.value for figure in earlier}
    specs = {indicator.id: indicator.spec for indicator in definitions()}
    nodes = _nodes_by_indicator(board)
    indicators = tuple(
        _indicator(f, specs[f.indicator], previous.get(f.indicator), tuple(nodes[f.indicator]), w)
        for f in board.figures
    )
    return indicators, _tree(board)


def _nodes_by_indicator(board: Scoreboard) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for state in board.nodes:
        for figure in state.figures:
            found[figure.indicator].append(state.node.id)
    return found


def _indicator(
    figure: Figure, spec: IndicatorSpec, previous: Decimal | None, nodes: tuple[str, ...], w: Words
) -> Indicator:
    return Indicator(
        code=spec.id,
        title=spec.title_en if w.language == "en" else spec.title,
        unit=spec.unit,
        is_whole=spec.measure == "count",
        definition=f"{spec.definition}（{spec.source}）",
        numerator=_float(figure.numerator),
        denominator=_float(figure.denominator),
        value=_float(figure.value),
        previous=_float(previous),
        target=_target(figure, spec, w),
        light=_light(figure.light, (figure,)),
        is_confirmed=figure.is_confirmed,
        lead_department=spec.lead,
        departments=tuple(sorted({name.split(".")[0] for name in spec.datasets})),
        nodes=nodes,
        note=figure.note,
    )


def _light(light: str, figures: Sequence[Figure]) -> Light:
    """The light as it is printed: what has a value but no target is not without data."""
    is_known = any(figure.value is not None for figure in figures)
    return _LIGHTS.get(light, "unlit" if is_known else "none")


def _float(value: Decimal | None) -> float | None:
    return None if value is None else round(float(value), 4)


def _target(figure: Figure, spec: IndicatorSpec, w: Words) -> str:
    if spec.direction == "context":
        return w("none")
    if figure.target is None:
        return w("unconfirmed")
    return f"{_BOUND[spec.direction]} {float(figure.target):,.10g}{'%' if spec.unit == '%' else ''}"


def _tree(board: Scoreboard) -> tuple[Node, ...]:
    return tuple(
        Node(
            node_id=state.node.id,
            layer=state.node.layer,
            title=state.node.name,
            lead=state.node.lead,
            support=state.node.co,
            is_confirmed=state.node.is_confirmed,
            light=_light(state.light, state.figures),
            indicators=state.node.indicators,
        )
        for state in board.nodes
    )


def slogans(w: Words) -> tuple[Slogan, ...]:
    """Named mechanisms as they are printed: what nobody has confirmed says so."""
    return tuple(_slogan(mechanism, w) for mechanism in accountability().mechanisms)


def _slogan(mechanism: Mechanism, w: Words) -> Slogan:
    known = [f"{slot.value}：{slot.label}" for slot in mechanism.slots if slot.label]
    unknown = len(mechanism.slots) - len(known)
    lines = [mechanism.note] if mechanism.note else []
    lines += known
    lines += [w("slots_unknown", count=unknown)] if unknown else []
    is_confirmed = mechanism.is_confirmed and not unknown
    return Slogan(mechanism.code, mechanism.title, is_confirmed, tuple(lines))

"""The reference pages of rules and indicators, written from their definitions.

``python -m xianjie.accountability.reference`` writes both pages into ``docs/reference``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from xianjie.accountability.framework import Accountability, accountability
from xianjie.accountability.indicators import Indicator, indicators
from xianjie.monitoring.rules import Rule, rules
from xianjie.settings import REPOSITORY
from xianjie.warehouse.questions.definitions import Dated
from xianjie.warehouse.questions.params import Param

_RULES_HEAD = """# Rules

Written by `python -m xianjie.accountability.reference` from `include/rules`. How to write one:
[add a rule](../cookbook/add-a-rule.md).
"""
_INDICATORS_HEAD = """# Indicators and the tree 1+7+5+N

Written by `python -m xianjie.accountability.reference` from `include/indicators` and `include/framework`.
How to write one: [add an indicator](../cookbook/add-an-indicator.md).
"""
_MEASURES = {
    "count": "Σ numerator",
    "ratio": "100 × Σ numerator ÷ Σ denominator",
    "average": "Σ numerator ÷ Σ denominator",
    "progress": "100 × Σ numerator ÷ the county's task; not computed below the county",
}
_LAYERS = {"master_plan": "1", "support_system": "7", "action_plan": "5", "policy": "N"}


def rules_page(include_dir: Path | None = None) -> str:
    """Markdown of all rules."""
    lines = [_RULES_HEAD, "| rule | title | severity | family | population |", "|---|---|---|---|---|"]
    found = sorted(rules(include_dir), key=lambda rule: rule.id)
    for rule in found:
        spec = rule.spec
        cells = (_link(rule.id), spec.title, spec.severity, spec.family, ", ".join(spec.population))
        lines.append(_row(*cells))
    for rule in found:
        lines += _rule(rule)
    return "\n".join(lines) + "\n"


def indicators_page(include_dir: Path | None = None) -> str:
    """Markdown of all indicators, then of the tree."""
    frame = accountability(include_dir)
    lines = [_INDICATORS_HEAD, "| indicator | title | unit | lead |", "|---|---|---|---|"]
    for each in indicators(include_dir):
        lead = frame.organisation(each.spec.lead).name
        lines.append(_row(_link(each.id), each.spec.title, each.spec.unit, lead))
    for each in indicators(include_dir):
        lines += _indicator(each)
    return "\n".join([*lines, *_tree(frame)]) + "\n"


def write(docs: Path) -> list[Path]:
    """Writes both pages below a docs folder; returns their paths."""
    pages = {"rules.md": rules_page(), "indicators.md": indicators_page()}
    for name, content in pages.items():
        (docs / "reference" / name).write_text(content, encoding="utf-8")
    return [docs / "reference" / name for name in pages]


def _link(name: str) -> str:
    return f"[{name}](#{name.lower()})"


def _row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def _rule(rule: Rule) -> Iterator[str]:
    spec = rule.spec
    suppression = "never (event)" if spec.is_event else f"{spec.suppression_days} days"
    copies = f", copy to {', '.join(spec.copy_to)}" if spec.copy_to else ""
    yield from ("", f"## {rule.id}", "", f"**{spec.title}** · {spec.title_en}", "")
    yield f"- data: {', '.join(f'`{name}`' for name in spec.datasets) or 'hits of the other rules'}"
    yield f"- route: {spec.route}{copies}; due in {spec.sla_days} days (`{spec.sla}`)"
    yield f"- suppression after 不符合: {suppression}, unless {spec.worsening_pct} % worse"
    yield f"- expected: {spec.expected_action}"
    yield f"- source: {spec.source}{'' if spec.is_confirmed else '（待县级确认）'}"
    yield from _params(spec.params)


def _indicator(indicator: Indicator) -> Iterator[str]:
    spec = indicator.spec
    yield from ("", f"## {indicator.id}", "", f"**{spec.title}** · {spec.title_en}", "", spec.definition, "")
    yield f"- data: {', '.join(f'`{name}`' for name in spec.datasets) or 'what the pipeline wrote itself'}"
    yield f"- population: {', '.join(spec.population)}; {_grain(spec.grain)}"
    if spec.evidence_of:
        yield f"- evidence: that of {_link(spec.evidence_of)}"
    yield f"- value: {_MEASURES[spec.measure]}"
    yield f"- light: {_light(spec.direction, spec.red_beyond)}"
    yield f"- source: {spec.source}"
    yield from _table("target", spec.targets)
    yield from _params(spec.params)


def _grain(grain: str) -> str:
    return "asked for changed households" if grain == "household" else "asked whole every night"


def _light(direction: str, beyond: float) -> str:
    if direction == "context":
        return "grey, for context only"
    side = "at or above" if direction == "up" else "at or below"
    yellow = f", yellow up to {beyond:g} beyond it" if beyond else ""
    return f"green {side} the target{yellow}, red otherwise; grey without a target"


def _params(params: dict[str, Param]) -> Iterator[str]:
    for name, param in params.items():
        if param.reference:
            yield from (
                "",
                f"`{name}` {param.title} ({param.unit}): from `include/framework/{param.reference}s.yaml`",
            )
        else:
            yield from _table(
                f"`{name}` {param.title}{f' ({param.unit})' if param.unit else ''}", param.values
            )


def _table(title: str, values: Iterable[Dated]) -> Iterator[str]:
    listed = list(values)
    if listed:
        yield from ("", f"| {title} | from | region | mark | source |", "|---|---|---|---|---|")
    for value in listed:
        number = "unknown: blocks" if value.value is None else value.value
        confirmed = "" if value.is_confirmed else "（待县级确认）"
        yield _row(number, value.start, value.region or "all", value.mark, value.source + confirmed)


def _tree(frame: Accountability) -> Iterator[str]:
    yield from (
        "",
        f"## The tree {frame.tree.title}",
        "",
        "| | node | name | lead | indicators | confirmed |",
    )
    yield "|---|---|---|---|---|---|"
    for node in frame.tree.nodes:
        units = " / ".join(frame.organisation(code).name for code in (node.lead, *node.co))
        codes = ", ".join([*node.indicators, *(f"*{code}*" for code in node.planned_indicators)])
        confirmed = "yes" if node.is_confirmed else "no"
        yield _row(_LAYERS[node.layer], node.id, node.name, units, codes, confirmed)
    yield from ("", "Indicators in italics are named by the catalogue and have no definition yet.")


if __name__ == "__main__":
    write(REPOSITORY / "docs")

"""Indicators (指标): one folder each below ``include/indicators``."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator

from xianjie.settings import settings
from xianjie.warehouse.questions.definitions import (
    Dated,
    Definition,
    Scalar,
    raise_for,
    read_model,
    statement,
)
from xianjie.warehouse.questions.folders import faults
from xianjie.warehouse.questions.framework import Framework, framework
from xianjie.warehouse.questions.params import Param
from xianjie.warehouse.questions.scope import ALL

# What decides about evidence, beside the query and its parameters.
_ALIKE = ("grain", "population", "refresh", "datasets")


class IndicatorSpec(Definition):
    """What ``indicator.yaml`` says.

    `measure`: count (Σ numerator), ratio (Σ numerator ÷ Σ denominator, in percent), average (the same, in
    `unit`), progress (Σ numerator ÷ the parameter ``task`` of the county, in percent). `grain` household: the
    query joins ``scope``; county: it is asked whole every night. `refresh`: when time alone changes the
    answer. `red_beyond`: how far beyond the target yellow turns red. `evidence_of`: the indicator whose evidence
    this one measures too; it has no query of its own and looks at the same data, people and nights.
    """

    id: str = Field(pattern=r"^I-[A-Z0-9]+-\d{2}$")
    version: str
    title: str
    title_en: str
    unit: str
    measure: Literal["count", "ratio", "average", "progress"]
    grain: Literal["household", "county"]
    population: tuple[str, ...] = (ALL,)
    refresh: Literal["never", "month", "school_year"] = "never"
    lead: str
    datasets: tuple[str, ...]
    definition: str
    source: str
    direction: Literal["up", "down", "context"]
    targets: tuple[Dated, ...] = ()
    red_beyond: float = Field(0, ge=0)
    params: dict[str, Param] = Field(default_factory=dict)
    evidence_of: str | None = None

    @property
    def evidence(self) -> str:
        """The code its evidence stands under: its own, or that of the indicator it shares it with."""
        return self.evidence_of or self.id

    @model_validator(mode="after")
    def _is_whole(self) -> IndicatorSpec:
        if self.direction != "context" and not self.targets:
            raise ValueError("缺少 targets (未知的目标写 value: null)")
        if (self.measure == "progress") != ("task" in self.params):
            raise ValueError("measure 为 progress 时应有参数 task, 否则不应有")
        return self


@dataclass(frozen=True)
class Indicator:
    """An indicator as computed: its definition, and the SQL of its evidence."""

    spec: IndicatorSpec
    query: str
    folder: Path

    @property
    def id(self) -> str:
        """The indicator's code, also the name of its folder."""
        return self.spec.id

    @property
    def evidence(self) -> str:
        """The code its evidence stands under."""
        return self.spec.evidence

    def fingerprint(self, params: Mapping[str, Scalar], frame: Framework) -> str:
        """Changes whenever the same facts could give other evidence."""
        groups = [p.holds_when for p in frame.populations.populations if p.code in self.spec.population]
        parts: list[Any] = [self.query, self.spec.population, self.spec.grain, groups, dict(params)]
        text = json.dumps(parts, default=str, ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def indicators(include_dir: Path | None = None) -> tuple[Indicator, ...]:
    """All indicators of an include folder, by code (cached).

    Raises:
        DefinitionError: listing the faults of all files at once.
    """
    return _indicators(include_dir or settings().include_dir)


@lru_cache(maxsize=8)
def _indicators(include_dir: Path) -> tuple[Indicator, ...]:
    frame = framework(include_dir)
    wrong: list[str] = []
    folders = sorted(path.parent for path in (include_dir / "indicators").glob("*/indicator.yaml"))
    specs = {
        folder: spec
        for folder in folders
        if (spec := read_model(IndicatorSpec, folder / "indicator.yaml", wrong)) is not None
    }
    by_id = {spec.id: spec for spec in specs.values()}
    for folder, spec in specs.items():
        files = () if spec.evidence_of else ("query.sql",)
        mine = faults(spec, folder, include_dir, frame, files=files, needed=files, unasked=("task",))
        wrong += [f"{folder.name}: {fault}" for fault in (*mine, *_unlike(spec, by_id, folder))]
    raise_for(wrong)
    return tuple(
        Indicator(spec, statement(folder.parent / spec.evidence / "query.sql"), folder)
        for folder, spec in specs.items()
    )


def _unlike(spec: IndicatorSpec, known: Mapping[str, IndicatorSpec], folder: Path) -> Iterator[str]:
    """Why `spec` cannot measure the evidence of the indicator it names."""
    if spec.evidence_of is None:
        return
    source = known.get(spec.evidence_of)
    if source is None or source.evidence_of is not None:
        yield f"evidence_of 须写一个自有 query.sql 的指标, 不能是 {spec.evidence_of}"
        return
    if (folder / "query.sql").exists():
        yield "写了 evidence_of 的指标不应再有 query.sql"
    for name in _ALIKE:
        if getattr(spec, name) != getattr(source, name):
            yield f"{name} 须与 {source.id} 相同"

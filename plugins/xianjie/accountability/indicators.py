"""Indicators (指标): one folder each below ``include/indicators``."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
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


class IndicatorSpec(Definition):
    """What ``indicator.yaml`` says.

    `measure`: count (Σ numerator), ratio (Σ numerator ÷ Σ denominator, in percent), average (the same, in
    `unit`), progress (Σ numerator ÷ the parameter ``task`` of the county, in percent). `grain` household: the
    query joins ``scope``; county: it is asked whole every night. `refresh`: when time alone changes the
    answer. `red_beyond`: how far beyond the target yellow turns red.
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

    @model_validator(mode="after")
    def _is_whole(self) -> IndicatorSpec:
        if self.direction != "context" and not self.targets:
            raise ValueError("缺少 targets (未知的目标写 value: null)")
        if (self.measure == "progress") != ("task" in self.params):
            raise ValueError("measure 为 progress 时应有参数 task, 否则不应有")
        return self


@dataclass(frozen=True)
class Indicator:
    """An indicator as computed: its definition and its SQL."""

    spec: IndicatorSpec
    query: str
    folder: Path

    @property
    def id(self) -> str:
        """The indicator's code, also the name of its folder."""
        return self.spec.id

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
    found = []
    for folder in sorted(path.parent for path in (include_dir / "indicators").glob("*/indicator.yaml")):
        spec = read_model(IndicatorSpec, folder / "indicator.yaml", wrong)
        if spec is None:
            continue
        mine = faults(spec, folder, include_dir, frame, unasked=("task",))
        wrong += [f"{folder.name}: {fault}" for fault in mine]
        if not mine:
            found.append(Indicator(spec, statement(folder / "query.sql"), folder))
    raise_for(wrong)
    return tuple(found)

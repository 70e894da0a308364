"""Alert rules (部门筛查预警规则): one folder each below ``include/rules``."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from xianjie.settings import settings
from xianjie.warehouse.questions.definitions import Definition, Scalar, raise_for, read_model, statement
from xianjie.warehouse.questions.folders import faults
from xianjie.warehouse.questions.framework import Framework, framework
from xianjie.warehouse.questions.params import Param, resolve

Grade = Literal["红", "橙", "黄"]


class RuleSpec(Definition):
    """What ``rule.yaml`` says."""

    id: str = Field(pattern=r"^R-[A-Z0-9]+-\d{2}$")
    version: str
    title: str
    title_en: str
    departments: tuple[str, ...]
    datasets: tuple[str, ...]
    population: tuple[str, ...] = Field(min_length=1)
    severity: Grade
    family: str
    is_event: bool = False
    reads_hits: bool = False
    suppression_days: int = Field(ge=0)
    worsening_pct: int = Field(20, ge=0)
    route: Literal["village", "town", "department"]
    copy_to: tuple[str, ...] = ()
    sla: str
    sla_days: int = Field(ge=0)
    expected_action: str
    source: str
    is_confirmed: bool = False
    params: dict[str, Param] = Field(default_factory=dict)


@dataclass(frozen=True)
class Rule:
    """A rule as evaluated: its definition and its SQL."""

    spec: RuleSpec
    query: str
    wakes: str | None
    folder: Path

    @property
    def id(self) -> str:
        """The rule's id, also the name of its folder."""
        return self.spec.id

    def params(self, on: dt.date, county_code: str, frame: Framework) -> dict[str, Scalar]:
        """The parameters in force; None where nothing is known on that day."""
        return resolve(self.spec.params, on, county_code, frame)

    def fingerprint(self, params: dict[str, Scalar], frame: Framework) -> str:
        """Changes whenever the same facts could give another outcome."""
        groups = [p.holds_when for p in frame.populations.populations if p.code in self.spec.population]
        spec = self.spec
        parts: list[Any] = [self.query, self.wakes, spec.population, spec.severity, spec.family, groups]
        text = json.dumps([*parts, params], default=str, ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def rules(include_dir: Path | None = None) -> tuple[Rule, ...]:
    """All rules of an include folder, in the order they are evaluated (cached).

    Raises:
        DefinitionError: listing the faults of all files at once.
    """
    return _rules(include_dir or settings().include_dir)


@lru_cache(maxsize=8)
def _rules(include_dir: Path) -> tuple[Rule, ...]:
    frame = framework(include_dir)
    wrong: list[str] = []
    found = []
    for folder in sorted(path.parent for path in (include_dir / "rules").glob("*/rule.yaml")):
        spec = read_model(RuleSpec, folder / "rule.yaml", wrong)
        if spec is None:
            continue
        missing = _missing(spec, folder, include_dir, frame)
        wrong += [f"{folder.name}: {fault}" for fault in missing]
        if not missing:
            wakes = folder / "wakes.sql"
            waking = statement(wakes) if wakes.exists() else None
            found.append(Rule(spec, statement(folder / "query.sql"), waking, folder))
    raise_for(wrong)
    return tuple(sorted(found, key=lambda rule: (rule.spec.reads_hits, rule.id)))


def _missing(spec: RuleSpec, folder: Path, include_dir: Path, frame: Framework) -> list[str]:
    found = faults(spec, folder, include_dir, frame, files=("query.sql", "wakes.sql"))
    if spec.sla not in {profile.code for profile in frame.procedure.profiles}:
        found.append(f"未知的时限方案 {spec.sla}")
    return found

"""Monitor lines, SLA profiles and populations from ``include/framework``."""

from __future__ import annotations

import datetime as dt
import json
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from xianjie.settings import settings
from xianjie.warehouse.questions.definitions import Definition, Mark, in_force, raise_for, read_model

Calendar = Literal["natural", "working"]


class MonitorLine(Definition):
    """The monitor line (防返贫监测线) of a region in yuan a person and year; null when not known."""

    region: str
    start: dt.date = Field(alias="from")
    value: int | None
    mark: Mark
    is_confirmed: bool
    source: str = ""


class MonitorLines(Definition):
    """All monitor lines."""

    version: str
    lines: tuple[MonitorLine, ...]

    def line(self, county_code: str, on: dt.date) -> MonitorLine | None:
        """The line in force for a county: the longest region prefix that has one on that day."""
        return in_force(self.lines, county_code, on)

    def as_json(self, county_code: str) -> str:
        """The lines that were ever in force for a county, as a JSON list of ``{"starts", "line_yuan"}``."""
        starts = sorted({line.start for line in self.lines if county_code.startswith(line.region)})
        lines = ((start, self.line(county_code, start)) for start in starts)
        return json.dumps(
            [{"starts": start.isoformat(), "line_yuan": line.value} for start, line in lines if line]
        )


class Step(Definition):
    """One step of the procedure and its clock."""

    state: str
    days: int = Field(ge=0)
    calendar: Calendar = "natural"
    mark: Mark


class SlaProfile(Definition):
    """A named set of clocks."""

    code: str
    title: str
    total_days: int
    calendar: Calendar
    is_confirmed: bool
    source: str = ""
    steps: tuple[Step, ...]


class Procedure(Definition):
    """States of the official procedure, reasons to close a lead, clocks."""

    version: str
    states: dict[str, str]
    closing_reasons: dict[str, str]
    warning_pct: dict[Literal["amber", "orange", "red"], int]
    profiles: tuple[SlaProfile, ...]

    @model_validator(mode="after")
    def _steps_are_states(self) -> Procedure:
        unknown = {s.state for p in self.profiles for s in p.steps} - set(self.states)
        if unknown:
            raise ValueError(f"未知的环节: {', '.join(sorted(unknown))}")
        return self


class Population(Definition):
    """A group of households: `holds_when` is a PostgreSQL condition over the columns of the base register."""

    code: str = Field(pattern=r"^[A-Z_]+$")
    title: str
    holds_when: str


class Populations(Definition):
    """All populations rules may name, read from one household dataset; a household may belong to several."""

    version: str
    dataset: str = Field(pattern=r"^\w+\.\w+$")
    populations: tuple[Population, ...]


class Framework(Definition):
    """What rules draw from the framework."""

    monitor_lines: MonitorLines
    procedure: Procedure
    populations: Populations


def framework(include_dir: Path | None = None) -> Framework:
    """The framework of an include folder (cached).

    Raises:
        DefinitionError: listing the faults of all files at once.
    """
    return _framework(include_dir or settings().include_dir)


@lru_cache(maxsize=8)
def _framework(include_dir: Path) -> Framework:
    faults: list[str] = []
    folder = include_dir / "framework"
    lines = read_model(MonitorLines, folder / "monitor_lines.yaml", faults)
    procedure = read_model(Procedure, folder / "sla_profiles.yaml", faults)
    groups = read_model(Populations, folder / "populations.yaml", faults)
    raise_for(faults)
    assert lines is not None
    assert procedure is not None
    assert groups is not None
    return Framework(monitor_lines=lines, procedure=procedure, populations=groups)

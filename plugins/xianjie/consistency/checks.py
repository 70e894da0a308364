"""Checks (数据核查规则) over several rows: one folder each below ``include/checks``."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator

from xianjie.contract.catalogue import catalogue
from xianjie.settings import settings
from xianjie.warehouse.questions.definitions import (
    Dated,
    Definition,
    Scalar,
    in_force,
    raise_for,
    read_model,
    statement,
)
from xianjie.warehouse.questions.folders import faults
from xianjie.warehouse.questions.framework import Framework, framework
from xianjie.warehouse.questions.night import Refresh
from xianjie.warehouse.questions.params import Param, resolve
from xianjie.warehouse.questions.scope import ALL

Entity = Literal["person", "household", "village"]
Module = Literal[
    "coverage", "persons", "households", "villages", "monitored", "measures", "work", "welfare", "conflict"
]


class CheckSpec(Definition):
    """What ``check.yaml`` says.

    `level`: 1 must be fixed … 5 to be explained. `owner`: the department that corrects, unless a row of the
    answer names another in the column ``owner``. `reach` household: the query joins ``scope``; county: it
    compares households with one another, or villages, and is asked whole every night. `refresh`: when time
    alone changes the answer. `module` coverage: a household that should be monitored and is not (应纳未纳).
    `any_of`: datasets each asked by a file ``parts/<dataset>.sql`` of its own, as far as they are connected, in
    place of ``query.sql``; `datasets` are needed by all of them.
    """

    id: str = Field(pattern=r"^(C-\d{2}-\d{3}|X-\d{2})$")
    version: str
    title: str
    title_en: str
    external: tuple[str, ...] = ()
    level: int = Field(ge=1, le=5)
    module: Module
    owner: str
    entity: Entity
    reach: Literal["household", "county"] = "household"
    refresh: Refresh = "never"
    population: tuple[str, ...] = (ALL,)
    datasets: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    fix: str
    deadline_days: tuple[Dated, ...] = Field(min_length=1)
    source: str
    is_confirmed: bool = False
    params: dict[str, Param] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _is_whole(self) -> CheckSpec:
        if not (self.datasets or self.any_of):
            raise ValueError("缺少 datasets")
        if self.entity == "village" and self.reach != "county":
            raise ValueError("entity 为 village 时 reach 应为 county")
        if self.reach == "county" and self.population != (ALL,):
            raise ValueError("reach 为 county 时 population 应为 ALL")
        if self.is_conflict != (self.module == "conflict"):
            raise ValueError("X- 编号与 module: conflict 应同时出现")
        return self

    @property
    def is_conflict(self) -> bool:
        """Whether two departments disagree, so that someone has to say who changes what."""
        return self.id.startswith("X-")


@dataclass(frozen=True)
class Check:
    """A check as evaluated: its definition and its SQL."""

    spec: CheckSpec
    parts: Mapping[str, str]
    wakes: str | None
    folder: Path

    @property
    def id(self) -> str:
        """The check's id, also the name of its folder."""
        return self.spec.id

    @property
    def query(self) -> str:
        """Its SQL: the parts in one."""
        if len(self.parts) == 1:
            return next(iter(self.parts.values()))
        asked = (
            f"select * from (\n{part}\n) as part_{number}" for number, part in enumerate(self.parts.values())
        )
        return "\nunion all\n".join(asked)

    def params(self, on: dt.date, county_code: str, frame: Framework) -> dict[str, Scalar]:
        """The parameters in force; None where nothing is known on that day."""
        return resolve(self.spec.params, on, county_code, frame)

    def days(self, on: dt.date, county_code: str) -> int | None:
        """Days the owner has, as in force on a day."""
        dated = in_force(self.spec.deadline_days, county_code, on)
        return None if dated is None or dated.value is None else int(dated.value)

    def fingerprint(self, params: Mapping[str, Scalar], frame: Framework) -> str:
        """Changes whenever the same facts could give other findings."""
        groups = [p.holds_when for p in frame.populations.populations if p.code in self.spec.population]
        spec = self.spec
        parts: list[Any] = [
            self.query,
            self.wakes,
            spec.population,
            spec.entity,
            spec.reach,
            spec.level,
            spec.owner,
        ]
        text = json.dumps([*parts, spec.module, groups, dict(params)], default=str, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def connected(self, include_dir: Path | None = None) -> Check:
        """The check with the parts of departments that are connected; perhaps none."""
        if not self.spec.any_of:
            return self
        known = catalogue(include_dir)
        return replace(
            self, parts={name: sql for name, sql in self.parts.items() if known.get(name).is_active}
        )

    def not_connected(self, include_dir: Path | None = None) -> tuple[str, ...]:
        """Titles of the datasets it cannot do without whose contracts are switched off."""
        known = catalogue(include_dir)
        off = [name for name in self.spec.datasets if not known.get(name).is_active]
        if self.spec.any_of and not any(known.get(name).is_active for name in self.spec.any_of):
            off += self.spec.any_of
        contracts = map(known.get, off)
        return tuple(f"{contract.department_title}《{contract.title}》" for contract in contracts)


def checks(include_dir: Path | None = None) -> tuple[Check, ...]:
    """All checks of an include folder, by id (cached).

    Raises:
        DefinitionError: listing the faults of all files at once.
    """
    return _checks(include_dir or settings().include_dir)


@lru_cache(maxsize=8)
def _checks(include_dir: Path) -> tuple[Check, ...]:
    frame = framework(include_dir)
    wrong: list[str] = []
    found = []
    for folder in sorted(path.parent for path in (include_dir / "checks").glob("*/check.yaml")):
        spec = read_model(CheckSpec, folder / "check.yaml", wrong)
        if spec is None:
            continue
        missing = _faults(spec, folder, include_dir, frame)
        wrong += [f"{folder.name}: {fault}" for fault in missing]
        if not missing:
            wakes = folder / "wakes.sql"
            parts = {name: statement(folder / file) for name, file in _files(spec).items()}
            found.append(Check(spec, parts, statement(wakes) if wakes.exists() else None, folder))
    raise_for(wrong)
    return tuple(found)


def _files(spec: CheckSpec) -> dict[str, str]:
    """Its statements by the dataset they need, or the one it has by its own id."""
    return {name: f"parts/{name}.sql" for name in spec.any_of} or {spec.id: "query.sql"}


def _faults(spec: CheckSpec, folder: Path, include_dir: Path, frame: Framework) -> list[str]:
    files = tuple(_files(spec).values())
    known = {f"{path.parent.name}.{path.stem}" for path in (include_dir / "contracts").glob("*/*.yaml")}
    found = [f"没有数据集 {name} 的合同" for name in spec.any_of if name not in known]
    return found + faults(spec, folder, include_dir, frame, files=(*files, "wakes.sql"), needed=files)

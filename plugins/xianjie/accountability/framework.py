"""The tree 1+7+5+N, named mechanisms and organisations from ``include/framework``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field

from xianjie.accountability.indicators import indicators
from xianjie.settings import settings
from xianjie.warehouse.questions.definitions import Definition, raise_for, read_model

UNCONFIRMED = "（待县级确认）"
Layer = Literal["master_plan", "support_system", "action_plan", "policy"]


class Organisation(Definition):
    """A unit that owns nodes; recipients get a pack by mail."""

    code: str
    name: str
    name_en: str
    kind: Literal["department", "unit", "leaders"]
    is_recipient: bool = False
    mail: tuple[str, ...] = ()


class Organisations(Definition):
    """All units."""

    version: str
    organisations: tuple[Organisation, ...]


class Node(Definition):
    """One node of the tree: the plan (1), a guarantee system (7), an action plan (5) or a policy (N)."""

    id: str = Field(pattern=r"^(M1|S[1-7]|P[1-5]|N\d{2})$")
    layer: Layer
    name: str
    lead: str
    co: tuple[str, ...] = ()
    is_confirmed: bool
    counterpart: str = ""
    indicators: tuple[str, ...] = ()
    planned_indicators: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()
    note: str = ""


class Tree(Definition):
    """The whole tree, in printing order."""

    version: str
    title: str
    source: str
    nodes: tuple[Node, ...]


class Slot(Definition):
    """One item of a mechanism; an unknown label prints 待县级确认."""

    value: int
    label: str | None
    unit: str = ""
    is_confirmed: bool = False
    links: tuple[str, ...] = ()


class Mechanism(Definition):
    """A named mechanism (2411, 1510, 六个一批 …); nothing in the code branches on its code."""

    code: str
    title: str
    scope: Literal["province", "county"]
    start: dt.date = Field(alias="from")
    is_confirmed: bool
    note: str = ""
    budget_yuan: int | None = None
    aspects: tuple[str, ...] = ()
    slots: tuple[Slot, ...]


class Mechanisms(Definition):
    """All mechanisms."""

    version: str
    mechanisms: tuple[Mechanism, ...]


class Accountability(Definition):
    """What the framework says about who answers for what."""

    tree: Tree
    mechanisms: tuple[Mechanism, ...]
    organisations: tuple[Organisation, ...]

    def organisation(self, code: str) -> Organisation:
        """The unit with a code; KeyError when there is none."""
        return {unit.code: unit for unit in self.organisations}[code]

    def recipients(self, delivering: Collection[str] = ()) -> tuple[Organisation, ...]:
        """Units that receive a pack: those marked so, and those `delivering` data, by code."""
        return tuple(unit for unit in self.organisations if unit.is_recipient or unit.code in delivering)


def accountability(include_dir: Path | None = None) -> Accountability:
    """The tree, mechanisms and organisations of an include folder (cached).

    Raises:
        DefinitionError: listing the faults of all files at once.
    """
    return _accountability(include_dir or settings().include_dir)


@lru_cache(maxsize=8)
def _accountability(include_dir: Path) -> Accountability:
    faults: list[str] = []
    folder = include_dir / "framework"
    tree = read_model(Tree, folder / "tree.yaml", faults)
    mechanisms = read_model(Mechanisms, folder / "mechanisms.yaml", faults)
    units = read_model(Organisations, folder / "organisations.yaml", faults)
    raise_for(faults)
    assert tree is not None
    assert mechanisms is not None
    assert units is not None
    raise_for(_dangling(tree, units, include_dir))
    return Accountability(tree=tree, mechanisms=mechanisms.mechanisms, organisations=units.organisations)


def _dangling(tree: Tree, units: Organisations, include_dir: Path) -> list[str]:
    known_units = {unit.code for unit in units.organisations}
    known_indicators = {indicator.id for indicator in indicators(include_dir)}
    ids = [node.id for node in tree.nodes]
    repeated = sorted({name for name in ids if ids.count(name) > 1})
    faults = [f"tree.yaml: 节点 {name} 重复" for name in repeated]
    for node in tree.nodes:
        where = f"tree.yaml: {node.id}"
        faults += [f"{where}: 未知单位 {code}" for code in (node.lead, *node.co) if code not in known_units]
        faults += [f"{where}: 未知指标 {code}" for code in node.indicators if code not in known_indicators]
    return faults

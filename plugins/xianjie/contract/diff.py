"""Diff (版本比较): what changed between two versions of a contract, and what of it breaks a promise.

Breaking is what makes yesterday's delivery unreadable or unacceptable, or takes a column away from those who
read the warehouse. A breaking change needs a new major version; a missing one is itself reported.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from xianjie.contract import affected, odcs
from xianjie.contract.affected import Affected
from xianjie.contract.cadence import Cadence
from xianjie.contract.faults import raise_all
from xianjie.contract.model import Contract, Field, Severity
from xianjie.settings import settings


@dataclass(frozen=True)
class Change:
    """One difference; `path` names the part of the contract, `text` says it in Chinese.

    `affected` are those who depend on it; only a breaking change names them.
    """

    is_breaking: bool
    path: str
    text: str
    affected: tuple[Affected, ...] = ()


def diff(old: Path, new: Path, include_dir: Path | None = None) -> list[Change]:
    """The changes from one contract file to another, and who a breaking one affects in an include folder.

    Raises:
        ContractError: either file cannot be read.
    """
    before, after, folder = _read(old), _read(new), include_dir or settings().include_dir
    return [
        replace(change, affected=_affected(before, after, change.path, folder))
        if change.is_breaking
        else change
        for change in compare(before, after)
    ]


def _affected(old: Contract, new: Contract, path: str, include_dir: Path) -> tuple[Affected, ...]:
    """Who depends on what a path names: a field, a rule (its department), else the whole dataset."""
    if path == "version":
        return ()
    if path in {rule.id for rule in (*old.rules, *new.rules)}:
        return tuple(
            each for each in affected.of_dataset(old, include_dir) if each.kind in ("owner", "workbook")
        )
    holder = next((c for c in (old, new) if path in {field.name for field in c.fields}), None)
    return affected.of_field(holder, path, include_dir) if holder else affected.of_dataset(old, include_dir)


def compare(old: Contract, new: Contract) -> list[Change]:
    """The changes from one version of a contract to the next, breaking ones first."""
    changes = [*_of_contract(old, new), *_of_fields(old, new), *_of_rules(old, new)]
    if any(change.is_breaking for change in changes) and _major(new) <= _major(old):
        changes.append(Change(True, "version", f"有破坏性变更，主版本号应大于 {_major(old)}"))
    return sorted(changes, key=lambda change: not change.is_breaking)


def _read(path: Path) -> Contract:
    document = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    contract, faults = odcs.parse(document, path.name)
    raise_all(faults)
    assert contract is not None
    return contract


def _major(contract: Contract) -> int:
    return int(contract.version.split(".")[0])


def _of_contract(old: Contract, new: Contract) -> Iterator[Change]:
    for name, label, is_breaking in (
        ("id", "契约标识", True),
        ("key", "主键", True),
        ("subject", "人员身份字段", True),
        ("household", "户编号字段", True),
        ("division", "区划字段", True),
        ("delivery_mode", "报送方式", True),
        ("source", "取数方式", False),
        ("owner", "责任科室", False),
        ("liaison", "联络员", False),
        ("cadence", "报送频次", False),
        ("arrival_deadline", "到达时限", False),
        ("cutoff", "截止时刻", False),
        ("tolerances", "整批容差", False),
        ("is_active", "是否启用", False),
    ):
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield Change(is_breaking, name, f"{label}由 {_shown(before)} 改为 {_shown(after)}")


def _of_fields(old: Contract, new: Contract) -> Iterator[Change]:
    before = {field.name: field for field in old.fields}
    after = {field.name: field for field in new.fields}
    for name in before.keys() - after.keys():
        yield Change(True, name, f"删除字段「{before[name].label}」({name})")
    for name in after.keys() - before.keys():
        required = "必填" if after[name].required else "选填"
        yield Change(after[name].required, name, f"新增{required}字段「{after[name].label}」({name})")
    for name in before.keys() & after.keys():
        yield from _of_field(before[name], after[name])


def _of_field(old: Field, new: Field) -> Iterator[Change]:
    for name, label in (
        ("type", "类型"),
        ("kind", "保护类别"),
        ("code_list", "代码表"),
        ("is_multiple", "是否多选"),
    ):
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield Change(True, old.name, f"「{old.label}」{label}由 {_shown(before)} 改为 {_shown(after)}")
    if old.required != new.required:
        yield Change(new.required, old.name, f"「{old.label}」改为{'必填' if new.required else '选填'}")
    for name, label in (("max_length", "长度"), ("precision", "数字位数"), ("scale", "小数位数")):
        before, after = getattr(old, name) or 0, getattr(new, name) or 0
        if before != after:
            yield Change(after < before, old.name, f"「{old.label}」{label}由 {before} 改为 {after}")
    if lost := {old.label, *old.aliases} - {new.label, *new.aliases, new.name}:
        yield Change(True, old.name, f"「{old.label}」不再认列名 {'、'.join(sorted(lost))}")
    if gained := {new.label, *new.aliases} - {old.label, *old.aliases}:
        yield Change(False, old.name, f"「{old.label}」增认列名 {'、'.join(sorted(gained))}")
    if old.pi_level != new.pi_level:
        yield Change(False, old.name, f"「{old.label}」敏感级别由 {old.pi_level} 改为 {new.pi_level}")


def _of_rules(old: Contract, new: Contract) -> Iterator[Change]:
    before = {rule.id: rule for rule in old.rules}
    after = {rule.id: rule for rule in new.rules}
    for name in before.keys() - after.keys():
        yield Change(False, name, f"取消规则 {name} {before[name].title}")
    for name in after.keys() - before.keys():
        is_strict = after[name].severity is Severity.FIX
        yield Change(is_strict, name, f"新增{'退回' if is_strict else '提醒'}规则 {name} {after[name].title}")
    for name in before.keys() & after.keys():
        if before[name].breaks_when != after[name].breaks_when:
            yield Change(False, name, f"规则 {name} 的条件有改动")
        if before[name].severity is not after[name].severity:
            is_strict = after[name].severity is Severity.FIX
            yield Change(is_strict, name, f"规则 {name} 改为{'退回' if is_strict else '提醒'}")


def _shown(value: object) -> str:
    if value is None:
        return "无"
    if isinstance(value, Cadence):
        return value.text
    return "、".join(map(str, value)) if isinstance(value, tuple) else str(value)

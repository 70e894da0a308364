"""A folder below ``include/`` that holds one question: what may be wrong with it beside its YAML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Protocol

from xianjie.warehouse.questions.definitions import statement
from xianjie.warehouse.questions.framework import Framework
from xianjie.warehouse.questions.params import BUILT_IN, Param, binds
from xianjie.warehouse.questions.scope import ALL


class _Spec(Protocol):
    """What the YAML of a check, a rule and an indicator have in common."""

    @property
    def id(self) -> str: ...

    @property
    def population(self) -> tuple[str, ...]: ...

    @property
    def datasets(self) -> tuple[str, ...]: ...

    @property
    def params(self) -> Mapping[str, Param]: ...


def faults(
    spec: _Spec,
    folder: Path,
    include_dir: Path,
    frame: Framework,
    *,
    files: Iterable[str] = ("query.sql",),
    needed: Iterable[str] = ("query.sql",),
    unasked: Iterable[str] = (),
) -> list[str]:
    """Faults of one folder, in Chinese; `files` are its statements, `needed` those it must have,
    `unasked` the parameters no SQL has to name."""
    known = {population.code for population in frame.populations.populations} | {ALL}
    found = [f"编号 {spec.id} 与文件夹不同名"] if spec.id != folder.name else []
    found += [f"未知的人群 {code}" for code in spec.population if code not in known]
    found += [
        f"没有数据集 {name} 的合同"
        for name in spec.datasets
        if not (include_dir / "contracts" / f"{name.replace('.', '/')}.yaml").exists()
    ]
    if missing := [name for name in needed if not (folder / name).exists()]:
        return [*found, f"缺少 {'、'.join(missing)}"]
    statements = [statement(folder / name) for name in files if (folder / name).exists()]
    used = {name for sql in statements for name in binds(sql)}
    found += [f"SQL 用了未定义的参数 {name}" for name in sorted(used - BUILT_IN - set(spec.params))]
    found += [f"参数 {name} 没有用到" for name in sorted(set(spec.params) - used - set(unasked))]
    return found

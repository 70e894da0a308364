"""Affected (影响谁): who and what depends on a field of a contract, or on the whole dataset.

Everything is found, nothing is kept in a list: risk rules, indicators and checks by the columns their statements
read, the contract's own row rules by the fields they name, reports by who receives what those produce.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import yaml

from xianjie.contract import derive
from xianjie.contract.model import Contract
from xianjie.contract.uses import Columns, columns_used

Kind = Literal["owner", "column", "row_rule", "rule", "indicator", "check", "statement", "report", "workbook"]
_FOLDERS: dict[str, tuple[Kind, str]] = {
    "rules": ("rule", "风险规则"),
    "indicators": ("indicator", "指标"),
    "checks": ("check", "比对检查"),
}


_SHARED = frozenset({"person_id", "household_id", "village_code", "town_code", "record_key", "subject_token"})


@dataclass(frozen=True)
class Affected:
    """One thing that depends on what changes: `name` is its id, `text` says it in Chinese."""

    kind: Kind
    name: str
    text: str


@dataclass(frozen=True)
class _Question:
    """A folder of a rule, an indicator or a check, and the columns its statements read."""

    kind: Kind
    title: str
    name: str
    departments: tuple[str, ...]
    used: frozenset[tuple[str, str]]


def of_field(contract: Contract, name: str, include_dir: Path) -> tuple[Affected, ...]:
    """Who depends on one field, in order: owner, warehouse, rules of its rows, questions, reports."""
    columns = [column.name for column in derive.table_columns(contract) if column.field == name]
    if name in (contract.subject, contract.household, contract.division):
        return of_dataset(contract, include_dir)  # through it every row finds its person, household or village
    used = frozenset((contract.table, column) for column in columns)
    return tuple(_of(contract, {name}, used, include_dir))


def of_dataset(contract: Contract, include_dir: Path) -> tuple[Affected, ...]:
    """Who depends on the dataset at all."""
    names = {field.name for field in contract.fields}
    used = frozenset((contract.table, column) for column in _columns(contract))
    return tuple(_of(contract, names, used, include_dir))


def _of(
    contract: Contract, names: set[str], used: frozenset[tuple[str, str]], include_dir: Path
) -> Iterator[Affected]:
    people = "、".join(filter(None, (contract.owner, contract.liaison)))
    yield Affected(
        "owner", contract.department, f"{contract.department_title}{f'（{people}）' if people else ''}"
    )
    yield Affected("workbook", contract.department, f"{contract.department_title}的退回数据与报送工作簿")
    for column in derive.table_columns(contract):
        if column.field in names:
            yield Affected("column", column.name, f"仓库列 {contract.table}.{column.name}")
    for rule in contract.rules:
        if names & {*rule.fields, *re.findall(r"[a-z_][a-z0-9_]*", rule.breaks_when)}:
            yield Affected("row_rule", rule.id, f"行规则 {rule.id} {rule.title}")
    receivers: set[str] = set()
    tables = {contract.table: _columns(contract)}
    for question in _questions(include_dir, contract.table, tables[contract.table]):
        if question.used & used:
            receivers |= {*question.departments}
            yield Affected(question.kind, question.name, question.title)
    yield from _statements(include_dir, tables, used)
    for receiver in sorted(receivers):
        yield Affected("report", receiver, f"{_titles(include_dir).get(receiver, receiver)}的报告")


@lru_cache(maxsize=64)
def _questions(include_dir: Path, table: str, columns: frozenset[str]) -> tuple[_Question, ...]:
    return tuple(
        _question(folder, kind, title, {table: columns})
        for below, (kind, title) in _FOLDERS.items()
        for folder in sorted({path.parent for path in (include_dir / below).glob("*/*.yaml")})
    )


def _question(folder: Path, kind: Kind, title: str, tables: Columns) -> _Question:
    spec: dict[str, Any] = {}
    for path in sorted(folder.glob("*.yaml")):
        spec |= yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader) or {}
    used: frozenset[tuple[str, str]] = frozenset()
    for path in sorted((folder.parent / (spec.get("evidence_of") or folder.name)).rglob("*.sql")):
        used |= columns_used(path.read_text("utf-8"), tables)
    told = [*spec.get("departments", ()), *spec.get("copy_to", ()), spec.get("lead"), spec.get("owner")]
    departments = tuple(dict.fromkeys(str(each) for each in told if each))
    return _Question(kind, f"{title} {folder.name} {spec.get('title', '')}", folder.name, departments, used)


def _statements(
    include_dir: Path, tables: Columns, used: frozenset[tuple[str, str]]
) -> Iterator[Affected]:
    """The warehouse's own statements that read the dataset's table."""
    root = include_dir / "sql"
    for path in sorted(root.rglob("*.sql")):
        text = path.read_text("utf-8")
        if any(table in text for table in tables) and columns_used(text, tables) & used:
            name = path.relative_to(root).as_posix()
            yield Affected("statement", name, f"仓库语句 include/sql/{name}")


def _columns(contract: Contract) -> frozenset[str]:
    """The columns of the dataset's table, also those that every dataset's table has."""
    return frozenset(column.name for column in derive.table_columns(contract)) | _SHARED


@lru_cache(maxsize=8)
def _titles(include_dir: Path) -> dict[str, str]:
    path = include_dir / "framework" / "organisations.yaml"
    if not path.exists():
        return {}
    known = yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)["organisations"]
    return {each["code"]: each["name"] for each in known}

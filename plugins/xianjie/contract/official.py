"""The catalogue of numbered data-quality rules (数据质量规则编号目录), and where each of them is judged.

``include/quality/catalogue.yaml`` has one entry a number of the national system's lists. A *row* entry is judged
in one delivered row and names rules of contracts; a *set* entry needs several rows and names checks below
``include/checks``; a *none* entry says why it cannot be judged.

``python -m xianjie.contract.official`` writes ``docs/reference/quality-rules.md`` from it.
"""

from __future__ import annotations

import sys
from itertools import groupby
from pathlib import Path
from typing import Literal

import yaml
from pydantic import Field as Key
from pydantic import ValidationError

from xianjie.contract.model import Model
from xianjie.errors import ContractError
from xianjie.settings import REPOSITORY, settings

_FILE = Path("quality") / "catalogue.yaml"
_HEAD = """# Numbered data-quality rules

Written by `python -m xianjie.contract.official` from `include/quality/catalogue.yaml`.

A county gets its lists of problem data by number: `a_bb_ccc`, where `a` is how serious it is (1 must be fixed … 5 to be
explained) and `bb` the module. The numbers are those of one province's published lists; another may number differently,
so our rules have ids of their own and carry these as `external_number`. What the titles say is implemented.

*row* rules are judged by the [sieve](validation.md) in one delivered row and belong to a [contract](contracts.md);
*set* rules need several rows, persons, households or datasets and are checks of the merged warehouse.
"""
_KINDS = {"row": "row", "set": "set", "none": "not judged"}


class Entry(Model):
    """One number: what is wrong, how serious (1–5), and the rules or checks that find it."""

    title: str
    level: int = Key(ge=1, le=5)
    kind: Literal["row", "set", "none"]
    number: str | None = Key(default=None, pattern=r"^\d+(_\d+)+(\(dup\))?$")
    where: tuple[str, ...] = ()
    reason: str = ""

    @property
    def rules(self) -> tuple[str, ...]:
        """Ids of the contracts' rules in `where`; they hold a dot, those of checks none."""
        return tuple(name for name in self.where if "." in name)

    @property
    def checks(self) -> tuple[str, ...]:
        """Ids of the checks in `where`."""
        return tuple(name for name in self.where if "." not in name)


class Section(Model):
    """One paragraph of the catalogue."""

    title: str
    rules: tuple[Entry, ...] = Key(min_length=1)


class _Document(Model):
    sections: tuple[Section, ...] = Key(min_length=1)


def sections(include_dir: Path | None = None) -> tuple[Section, ...]:
    """The catalogue of an include folder in its order; `ContractError` when it cannot be read."""
    path = (include_dir or settings().include_dir) / _FILE
    try:
        return _Document.model_validate(yaml.safe_load(path.read_text(encoding="utf-8"))).sections
    except (OSError, yaml.YAMLError, ValidationError) as error:
        first = " ".join(str(error).split("\n")[:3])
        raise ContractError(f"规则编号目录 {_FILE.as_posix()} 不能读取：{first}") from error


def entries(include_dir: Path | None = None) -> tuple[Entry, ...]:
    """All entries of the catalogue, in its order."""
    return tuple(entry for section in sections(include_dir) for entry in section.rules)


def page(include_dir: Path | None = None) -> str:
    """The reference page: a table a section, the numbers of one title in one line."""
    lines = [_HEAD]
    for section in sections(include_dir):
        lines += [f"## {section.title}", "", "| number | wrong when | level | kind | judged by |"]
        lines.append("|---|---|---|---|---|")
        lines += [_line(list(alike)) for _, alike in groupby(section.rules, key=lambda entry: entry.title)]
        lines.append("")
    return "\n".join(lines)


def _line(alike: list[Entry]) -> str:
    entry = alike[0]
    numbers = ", ".join(f"`{each.number}`" for each in alike if each.number) or "–"
    judged = ", ".join(dict.fromkeys(f"`{name}`" for each in alike for name in each.where)) or entry.reason
    return f"| {numbers} | {entry.title} | {entry.level} | {_KINDS[entry.kind]} | {judged} |"


if __name__ == "__main__":
    target = REPOSITORY / "docs" / "reference" / "quality-rules.md"
    target.write_text(page(REPOSITORY / "include"), encoding="utf-8")
    sys.stdout.write(f"{target.name}\n")

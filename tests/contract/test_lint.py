"""Lint finds what would otherwise be found at night."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from xianjie.contract.lint import lint

Write = Callable[[dict[str, Any]], Path]


def test_the_project_is_sound() -> None:
    assert lint() == []


def test_a_sound_new_dataset_is_sound(write: Write, document: dict[str, Any]) -> None:
    assert lint(write(document)) == []


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ("end_date < started_date", "end_date"),
        ("ended_date - started_date", "不是真假"),
        ("ended_date <", "syntax"),
        ("id_sex(outage_no", "parentheses"),
        ("started_date > :tonight", "syntax"),
    ],
)
def test_a_condition_that_cannot_run_is_a_fault(
    write: Write, document: dict[str, Any], condition: str, told: str
) -> None:
    document["schema"][0]["quality"][0]["implementation"] = condition
    faults = lint(write(document))
    assert [fault.path for fault in faults] == ["schema[0].quality[0].implementation"]
    assert told in faults[0].message


def test_two_codes_may_not_be_written_alike_on_one_day(include: Path) -> None:
    (include / "codes" / "new.csv").write_text(
        "list,code,name_cn,name_en,valid_from,valid_to,aliases\n"
        "scheme,a,甲,a,2020-01-01,2025-12-31,旧\nscheme,b,乙,b,2025-06-01,,旧\nscheme,c,甲,c,2026-01-01,,\n",
        encoding="utf-8",
    )
    assert [(fault.path, fault.message) for fault in lint(include)] == [("scheme/b", "“旧”也是 a 的写法")]


def test_a_village_needs_its_town(include: Path) -> None:
    (include / "codes" / "divisions.csv").write_text(
        "code,name,level,parent_code,category\n000001,县,county,0000,县\n000001101200,一村,village,000001101,村\n",
        encoding="utf-8",
    )
    assert [fault.path for fault in lint(include)] == ["000001101200"]

"""The catalogue of numbered rules: every number is judged where it says, and the page is written from it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from xianjie.contract import official
from xianjie.errors import ContractError
from xianjie.settings import REPOSITORY

INCLUDE = REPOSITORY / "include"
ENTRIES = official.entries(INCLUDE)


def test_the_catalogue_is_the_whole_list() -> None:
    assert len(ENTRIES) >= 200
    assert {entry.kind for entry in ENTRIES} == {"row", "set", "none"}
    assert [
        number for number, count in Counter(e.number for e in ENTRIES if e.number).items() if count > 1
    ] == []


def test_what_is_not_judged_says_why() -> None:
    assert [entry for entry in ENTRIES if (entry.kind == "none") != bool(entry.reason)] == []
    assert [entry for entry in ENTRIES if entry.kind == "row" and not entry.where] == []


def test_the_page_is_the_one_the_catalogue_gives() -> None:
    written = (REPOSITORY / "docs" / "reference" / "quality-rules.md").read_text(encoding="utf-8")
    assert written == official.page(INCLUDE), "run: python -m xianjie.contract.official"


def test_a_broken_catalogue_is_told_by_its_place(tmp_path: Path) -> None:
    (tmp_path / "quality").mkdir()
    path = tmp_path / "quality" / "catalogue.yaml"
    path.write_text("sections: [{title: 甲, rules: [{title: 乙, level: 9, kind: row}]}]", encoding="utf-8")
    with pytest.raises(ContractError, match=r"sections.0.rules.0.level"):
        official.sections(tmp_path)

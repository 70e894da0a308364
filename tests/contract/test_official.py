"""The catalogue of numbered rules: every number is judged where it says, and the page is written from it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import yaml

from xianjie.contract import catalogue, official, rules
from xianjie.errors import ContractError
from xianjie.settings import REPOSITORY

INCLUDE = REPOSITORY / "include"
ENTRIES = official.entries(INCLUDE)
RULES = {rule.id: rule for contract in catalogue(INCLUDE) for rule in rules(contract, include_dir=INCLUDE)}
ROWS = [entry for entry in ENTRIES if entry.kind == "row"]
CASES = [
    yaml.safe_load(path.read_text(encoding="utf-8"))
    for path in sorted((Path(__file__).parent / "cases").glob("*.yaml"))
]


def test_a_row_number_is_judged_by_rules_that_carry_it() -> None:
    named = [(entry.number, name) for entry in ROWS for name in entry.rules]
    assert len(named) > 150
    assert [pair for pair in named if pair[1] not in RULES] == []
    assert [(n, name) for n, name in named if n and n not in RULES[name].external_numbers] == []


def test_a_rule_carries_no_number_that_the_catalogue_does_not_give_it() -> None:
    given = {(name, entry.number) for entry in ROWS for name in entry.rules}
    carried = {(rule.id, number) for rule in RULES.values() for number in rule.external_numbers}
    assert carried <= given


def test_a_rule_is_as_serious_as_its_most_serious_number() -> None:
    levels: dict[str, int] = {}
    for entry in ROWS:
        for name in entry.rules:
            levels[name] = min(entry.level, levels.get(name, 5))
    assert {name: RULES[name].level for name in levels} == levels


def test_each_row_rule_has_a_row_that_hits_and_the_sound_one_that_does_not() -> None:
    hit = {case["breaks"] for cases in CASES for case in cases["wrong"]}
    assert {name for entry in ROWS for name in entry.rules} - hit == set()
    assert all(cases["sound"] for cases in CASES)


def test_a_set_number_is_judged_by_checks_that_carry_it_and_by_no_others() -> None:
    paths = sorted((INCLUDE / "checks").glob("*/check.yaml"))
    checks = {path.parent.name: yaml.safe_load(path.read_text(encoding="utf-8")) for path in paths}
    carried = {(number, name) for name, check in checks.items() for number in check.get("external") or ()}
    named = {(entry.number, name) for entry in ENTRIES for name in entry.checks}
    assert len(carried) > 50
    assert {pair for pair in named if pair[0]} == carried
    assert {name for _, name in named} <= checks.keys()
    assert [e for e in ENTRIES if e.kind == "set" and (e.rules or not e.checks)] == []


def test_the_catalogue_is_the_whole_list() -> None:
    assert len(ENTRIES) >= 200
    assert {entry.kind for entry in ENTRIES} == {"row", "set", "none"}
    assert [
        number for number, count in Counter(e.number for e in ENTRIES if e.number).items() if count > 1
    ] == []


def test_what_is_not_judged_says_why() -> None:
    assert [entry for entry in ENTRIES if (entry.kind == "none") != bool(entry.reason)] == []
    assert [entry for entry in ENTRIES if entry.kind == "row" and not entry.rules] == []


def test_the_page_is_the_one_the_catalogue_gives() -> None:
    written = (REPOSITORY / "docs" / "reference" / "quality-rules.md").read_text(encoding="utf-8")
    assert written == official.page(INCLUDE), "run: python -m xianjie.contract.official"


def test_a_broken_catalogue_is_told_by_its_place(tmp_path: Path) -> None:
    (tmp_path / "quality").mkdir()
    path = tmp_path / "quality" / "catalogue.yaml"
    path.write_text("sections: [{title: 甲, rules: [{title: 乙, level: 9, kind: row}]}]", encoding="utf-8")
    with pytest.raises(ContractError, match=r"sections.0.rules.0.level"):
        official.sections(tmp_path)

"""Every rule and indicator against the cases written beside it, on a real PostgreSQL."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import Connection, text

from tests.sql import scratch_facts
from xianjie.accountability import evidence
from xianjie.accountability.indicators import indicators
from xianjie.consistency import checks
from xianjie.consistency import evaluate as check_evaluate
from xianjie.database.engine import Role, transaction
from xianjie.monitoring import evaluate
from xianjie.monitoring.rules import rules
from xianjie.settings import REPOSITORY
from xianjie.warehouse import as_of
from xianjie.warehouse.questions import scope
from xianjie.warehouse.questions.framework import framework
from xianjie.warehouse.questions.params import resolve

INCLUDE = REPOSITORY / "include"
EVIDENCE = """
select entity_kind, entity_id, household_id, village_code, numerator, denominator, dataset, record_key
from evidence_found
"""
SHORT = {
    "household": "household_id",
    "record": "record_key",
    "other_record": "other_record_key",
    "person": "person_id",
}


#: checks for which a member whose row was returned would look like nobody
ON_ABSENCE = [
    "C-02-012",
    "C-11-001",
    "C-11-008",
    "C-11-009",
    "C-11-014",
    "C-11-015",
    "C-11-016",
    "C-11-033",
    "C-15-013",
    "C-15-014",
    "C-15-015",
    "C-16-005",
    "C-16-006",
    "C-16-007",
    "C-17-011",
    "C-17-012",
    "C-17-013",
]


@dataclass(frozen=True)
class Case:
    """One case: facts in, hits (or evidence) out."""

    owner: str
    name: str
    date: dt.date
    facts: Mapping[str, Sequence[Mapping[str, Any]]]
    expected: Sequence[Mapping[str, Any]]
    wakes: Sequence[Mapping[str, Any]] | None
    params: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.owner}: {self.name}"


def _cases(kind: str, expectation: str) -> list[Case]:
    found = []
    for path in sorted((INCLUDE / kind).glob("*/tests/*.yaml")):
        for case in yaml.safe_load(path.read_text(encoding="utf-8")):
            found.append(
                Case(
                    path.parents[1].name,
                    case["name"],
                    case["date"],
                    case.get("facts", {}),
                    case[expectation],
                    case.get("wakes"),
                    case.get("params", {}),
                )
            )
    return found


RULE_CASES = _cases("rules", "hits")
INDICATOR_CASES = _cases("indicators", "evidence")
CHECK_CASES = _cases("checks", "findings")


def test_cases_were_collected() -> None:
    assert len(RULE_CASES) >= 30
    assert len(INDICATOR_CASES) >= 15
    assert len(CHECK_CASES) >= 2 * len(checks(INCLUDE)) > 0


def test_every_rule_has_hits_and_non_hits_and_a_readme(module_home: Path) -> None:
    for rule in rules(INCLUDE):
        mine = [case for case in RULE_CASES if case.owner == rule.id]
        assert any(case.expected for case in mine), rule.id
        assert any(not case.expected for case in mine), rule.id
        assert (rule.folder / "README.md").exists(), rule.id


def test_every_check_has_hits_and_non_hits_and_a_readme(module_home: Path) -> None:
    for check in checks(INCLUDE):
        mine = [case for case in CHECK_CASES if case.owner == check.id]
        assert any(case.expected for case in mine), check.id
        assert any(not case.expected for case in mine), check.id
        assert (check.folder / "README.md").exists(), check.id


def test_every_indicator_has_cases(module_home: Path) -> None:
    assert {case.owner for case in INDICATOR_CASES} == {indicator.evidence for indicator in indicators(INCLUDE)}


@pytest.fixture(scope="module")
def scratch(warehouse_url: str) -> None:
    scratch_facts.install()


@pytest.fixture
def connection(scratch: None) -> Iterator[Connection]:
    with transaction(Role.PIPELINE) as opened:
        yield opened
        opened.rollback()


@pytest.mark.parametrize("case", RULE_CASES, ids=str)
def test_rule(connection: Connection, case: Case) -> None:
    rule = {each.id: each for each in rules(INCLUDE)}[case.owner]
    _set_up(connection, case, rule.spec.population)
    params = {**rule.params(case.date, scratch_facts.COUNTY, framework()), **case.params}
    evaluate.prepare(connection)
    question = evaluate.Question(rule, scratch_facts.COUNTY, case.date, params)
    assert evaluate.find(connection, question) is None
    rows = connection.execute(text("select * from found")).mappings()
    _match([{**row, **row["evidence"]} for row in rows], case.expected)
    if case.wakes is not None:
        woken = connection.execute(text("select household_id, wake_on from woken")).mappings().all()
        _match([dict(row) for row in woken], case.wakes)


@pytest.mark.parametrize("case", INDICATOR_CASES, ids=str)
def test_indicator(connection: Connection, case: Case) -> None:
    indicator = {each.id: each for each in indicators(INCLUDE)}[case.owner]
    _set_up(connection, case, indicator.spec.population)
    params = {**resolve(indicator.spec.params, case.date, scratch_facts.COUNTY, framework()), **case.params}
    evidence.prepare(connection)
    question = evidence.Question(indicator, scratch_facts.COUNTY, case.date, params, is_full=True)
    assert evidence.find(connection, question) is None
    rows = connection.execute(text(EVIDENCE)).mappings().all()
    _match([dict(row) for row in rows], case.expected)


@pytest.mark.parametrize("case", CHECK_CASES, ids=str)
def test_check(connection: Connection, case: Case) -> None:
    _judge(connection, case)


@pytest.mark.parametrize("check_id", ON_ABSENCE)
def test_what_rests_on_absence_waits_for_members_whose_rows_are_out(
    connection: Connection, check_id: str
) -> None:
    hits = [case for case in CHECK_CASES if case.owner == check_id and case.expected]
    assert hits
    for case in hits:
        homes = [{**row, "size_now": 99} for row in case.facts["rural_revitalisation.households"]]
        facts = {**case.facts, "rural_revitalisation.households": homes}
        _judge(connection, replace(case, facts=facts, expected=[], wakes=None))


def _judge(connection: Connection, case: Case) -> None:
    check = {each.id: each for each in checks(INCLUDE)}[case.owner]
    _set_up(connection, case, check.spec.population)
    params = {**check.params(case.date, scratch_facts.COUNTY, framework()), **case.params}
    check_evaluate.prepare(connection)
    question = check_evaluate.Question(check, scratch_facts.COUNTY, case.date, params, is_full=True)
    assert check_evaluate.find(connection, question) is None
    rows = connection.execute(text("select * from found_check")).mappings()
    _match([{**row, **row["evidence"]} for row in rows], case.expected)
    if case.wakes is not None:
        query = "select household_id, wake_on from woken_check"
        _match([dict(row) for row in connection.execute(text(query)).mappings()], case.wakes)


def _set_up(connection: Connection, case: Case, population: Sequence[str]) -> None:
    as_of(connection, case.date)
    scratch_facts.clear(connection)
    scratch_facts.fill(connection, case.date, case.facts)
    scratch_facts.everyone(connection)
    scope.use(connection, "scope_all", population)


def _match(actual: list[dict[str, Any]], expected: Sequence[Mapping[str, Any]]) -> None:
    """The rows are those expected, in any order; a row may say more than the case asks."""
    left = list(actual)
    for wanted in expected:
        same = [row for row in left if _says(row, wanted)]
        assert same, f"not found: {dict(wanted)}\namong: {left}"
        left.remove(same[0])
    assert not left, f"not expected: {left}"


def _says(row: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    return all(
        _plain(row.get(SHORT.get(name, name))) == _wanted(name, value) for name, value in wanted.items()
    )


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, dt.date) else value


def _wanted(name: str, value: Any) -> Any:
    if name in ("person", "record", "other_record"):
        return scratch_facts.key(value)
    return str(value) if isinstance(value, dt.date) else value

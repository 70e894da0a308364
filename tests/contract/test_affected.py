"""Who uses a column: found in the statements themselves, by scope, so that the same word elsewhere is no use."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
import yaml

from xianjie.contract import affected
from xianjie.contract.catalogue import catalogue
from xianjie.contract.diff import diff
from xianjie.contract.uses import columns_used
from xianjie.settings import REPOSITORY

INCLUDE = REPOSITORY / "include"
TABLES = {"a": frozenset({"x", "y", "z"}), "b": frozenset({"x", "w"})}


@pytest.mark.parametrize(
    ("statement", "used"),
    [
        ("select t.x from facts.a as t where t.y = :day", {("a", "x"), ("a", "y")}),
        ("select x from facts.a", {("a", "x")}),
        ("select t.x from other.a as t", set()),
        ("with a as (select 1 as x) select a.x from a", set()),
        ("with q as (select t.x as y from facts.a as t) select q.y from q", {("a", "x")}),
        ("select t.x, u.w from facts.a as t inner join facts.b as u on t.z = u.x",
         {("a", "x"), ("b", "w"), ("a", "z"), ("b", "x")}),
        ("select t.x from facts.a as t where exists (select 1 from facts.b as u where u.x = t.y)",
         {("a", "x"), ("b", "x"), ("a", "y")}),
        ("select t.* from facts.b as t", {("b", "x"), ("b", "w")}),
        ("select count(*) filter (where t.z > 1) from facts.a as t", {("a", "z")}),
        ("select t.x from facts.a as t union all select u.w from facts.b as u", {("a", "x"), ("b", "w")}),
        ("select 1 -- t.x\nfrom facts.a as t", set()),
        ("create view v as select t.x from facts.a as t; grant select on v to r", {("a", "x")}),
        ("insert into q (x) select h.y from history.a as h inner join changes.b as c on h.y = c.w",
         {("a", "y"), ("b", "w"), ("a", "x"), ("b", "x")}),
    ],
)  # fmt: skip
def test_columns_are_found_by_scope(statement: str, used: set[tuple[str, str]]) -> None:
    assert columns_used(statement, TABLES) == used


def names(contract_id: str, field: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for each in affected.of_field(catalogue(INCLUDE).get(contract_id), field, INCLUDE):
        found.setdefault(each.kind, set()).add(each.name)
    return found


def test_everyone_who_uses_a_field_is_named() -> None:
    found = names("employment.work_monthly", "unemployed_date")
    assert found["owner"] == {"employment"}
    assert found["column"] == {"unemployed_date"}
    assert found["row_rule"] == {"EMP-01.unemployed_needs_date"}
    assert found["rule"] == {"R-EMP-01"}
    assert "employment" in found["report"]
    assert "indicator" not in found


def test_a_field_that_finds_the_person_carries_the_whole_dataset() -> None:
    found = names("employment.work_monthly", "id_number")
    assert "R-EMP-01" in found["rule"]
    assert "I-EMP-01" in found["indicator"]


def test_statements_in_parts_and_those_of_another_count_as_well() -> None:
    assert "X-07" in names("civil_affairs.life_events", "event_date")["check"]
    assert {"I-EMP-01", "I-EMP-02"} <= names("employment.work_monthly", "status")["indicator"]


def test_every_question_uses_something_of_its_datasets() -> None:
    """Each rule and indicator that reads facts of a dataset must be found through some field of it."""
    asked = 0
    for path in sorted((INCLUDE / "indicators").glob("*/query.sql")):
        for contract in catalogue(INCLUDE).active():
            if f"facts.{contract.table} " in path.read_text("utf-8"):
                asked += 1
                found = affected.of_dataset(contract, INCLUDE)
                assert path.parent.name in {each.name for each in found if each.kind == "indicator"}
    assert asked > 5


def test_a_breaking_change_says_whom_it_breaks(tmp_path: Path) -> None:
    old = yaml.safe_load((INCLUDE / "contracts/employment/work_monthly.yaml").read_text("utf-8"))
    new = copy.deepcopy(old)
    properties = new["schema"][0]["properties"]
    properties[:] = [each for each in properties if each["name"] != "unemployed_date"]
    properties.append(
        {"name": "note", "businessName": "备注", "logicalType": "string", "physicalType": "varchar(50)",
         "classification": "L1"}
    )  # fmt: skip
    paths = [tmp_path / "old.yaml", tmp_path / "new.yaml"]
    for path, document in zip(paths, (old, new), strict=True):
        path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    changes = {change.path: change for change in diff(*paths, INCLUDE)}
    texts = [each.text for each in changes["unemployed_date"].affected]
    assert "风险规则 R-EMP-01 失业" in texts
    assert "仓库列 employment_work_monthly.unemployed_date" in texts
    assert [text for text in texts if text.endswith("的报告")]
    assert changes["note"].affected == ()
    assert changes["version"].affected == ()

"""Definitions people write: all faults at once; a new rule or indicator is a new folder and no Python."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from sqlalchemy import text

from tests.sql import scratch_facts
from tests.sql.scratch_facts import COUNTY
from xianjie import accountability, monitoring
from xianjie.database.engine import transaction
from xianjie.settings import REPOSITORY, settings
from xianjie.warehouse.questions.framework import framework
from xianjie.warehouse.questions.params import binds

DAY = dt.date(2026, 9, 22)
NEW_RULE = """
id: R-LOC-01
version: "1"
title: 大额月收入
title_en: Large wages
departments: [employment]
datasets: [employment.work_monthly]
population: [ALL]
severity: 黄
family: 收入
suppression_days: 30
route: department
sla: province_15
sla_days: 5
expected_action: 核实
source: 县级自定
params:
  wage:
    title: 月收入
    unit: 元
    values:
      - {from: 2020-01-01, value: 20000, mark: assumption}
      - {from: 2026-10-01, value: 30000, mark: assumption}
"""
NEW_QUERY = """
select w.household_id, w.person_id, w.month as occurred_on, 'employment.work_monthly' as dataset,
    w.record_key, w.delivery_id, w.source_row, w.wage_yuan as ev_wage_yuan
from facts.employment_work_monthly as w
inner join scope as s on w.household_id = s.household_id
where w.county_code = :county_code and w.wage_yuan >= :wage;
"""
NEW_INDICATOR = """
id: I-LOC-01
version: "1"
title: 有务工记录的人数
title_en: Persons with a work record
unit: 人
measure: count
grain: household
lead: employment
datasets: [employment.work_monthly]
definition: 有务工记录的人数
source: 县级自定
direction: up
targets: [{from: 2026-01-01, value: 2, mark: assumption}]
"""
NEW_EVIDENCE = """
select 'person' as entity_kind, w.person_id::text as entity_id, w.household_id, w.village_code,
    1 as numerator, 1 as denominator, 'employment.work_monthly' as dataset, w.record_key, w.delivery_id,
    w.source_row
from facts.employment_work_monthly as w
inner join scope as s on w.household_id = s.household_id
where w.county_code = :county_code
"""


@pytest.fixture
def include(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the include folder that the settings point at."""
    copy = tmp_path / "include"
    shutil.copytree(REPOSITORY / "include", copy)
    monkeypatch.setenv("XIANJIE_INCLUDE_DIR", str(copy))
    settings.cache_clear()
    yield copy
    monkeypatch.undo()
    settings.cache_clear()


def write(folder: Path, **files: str) -> None:
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name.replace("__", ".")).write_text(content, encoding="utf-8")


def test_a_new_rule_and_a_new_indicator_are_new_folders(scratch: None, include: Path) -> None:
    write(include / "rules" / "R-LOC-01", rule__yaml=NEW_RULE, query__sql=NEW_QUERY)
    write(include / "indicators" / "I-LOC-01", indicator__yaml=NEW_INDICATOR, query__sql=NEW_EVIDENCE)
    with transaction() as connection:
        rows = [
            {
                "person": "a",
                "household": "H1",
                "month": "2026-09-01",
                "status": "employed",
                "wage_yuan": 25000,
            },
            {
                "person": "b",
                "household": "H2",
                "month": "2026-09-01",
                "status": "employed",
                "wage_yuan": 19999,
            },
        ]
        scratch_facts.fill(connection, DAY, {"employment.work_monthly": rows})
        scratch_facts.arrived(connection, DAY)
    found = {rule.rule_id: rule.hits_open for rule in monitoring.run(DAY, COUNTY).rules}
    assert found["R-LOC-01"] == 1
    accountability.run(DAY, COUNTY)
    with transaction() as connection:
        board = accountability.scoreboard(connection, DAY, COUNTY)
        lead = connection.scalar(text("select route from monitoring.lead where rule_id = 'R-LOC-01'"))
    assert {each.indicator: (each.value, each.light) for each in board.figures}["I-LOC-01"] == (2, "green")
    assert lead == "department"


def test_a_parameter_that_changes_by_date_is_asked_of_everyone_again(scratch: None, include: Path) -> None:
    write(include / "rules" / "R-LOC-01", rule__yaml=NEW_RULE, query__sql=NEW_QUERY)
    october = dt.date(2026, 10, 1)
    with transaction() as connection:
        row = {
            "person": "a",
            "household": "H1",
            "month": "2026-09-01",
            "status": "employed",
            "wage_yuan": 25000,
        }
        scratch_facts.fill(connection, DAY, {"employment.work_monthly": [row]})
        for night in (DAY, october):
            scratch_facts.arrived(connection, night)
    monitoring.run(DAY, COUNTY)
    later = {rule.rule_id: rule for rule in monitoring.run(october, COUNTY).rules}
    assert (later["R-LOC-01"].is_full, later["R-LOC-01"].hits_open) == (True, 0)
    assert not later["R-HOU-01"].is_full


def test_a_query_that_does_not_run_costs_its_own_rule_only(scratch: None, include: Path) -> None:
    broken = NEW_QUERY.replace("w.wage_yuan >= :wage", "w.employer_name::integer >= :wage")
    write(include / "rules" / "R-LOC-01", rule__yaml=NEW_RULE, query__sql=broken)
    with transaction() as connection:
        row = {"person": "a", "household": "H1", "month": "2026-09-01", "employer_name": "某某公司"}
        scratch_facts.fill(connection, DAY, {"employment.work_monthly": [row]})
        scratch_facts.arrived(connection, DAY)
    summary = monitoring.run(DAY, COUNTY)
    assert summary.failed == ("R-LOC-01",)
    reason = next(rule.reason for rule in summary.rules if rule.rule_id == "R-LOC-01")
    assert reason == "规则的 SQL 未能执行(SQLSTATE 22P02)，沿用上次结果"
    assert {rule.status for rule in summary.rules if rule.rule_id != "R-LOC-01"} == {"ok", "partial"}


def test_who_shares_evidence_that_is_not_found_has_no_figure_either(scratch: None, include: Path) -> None:
    query = include / "indicators" / "I-EMP-01" / "query.sql"
    query.write_text(query.read_text("utf-8").replace("w.status,", "w.employer_name::integer::text as status,"))
    with transaction() as connection:
        facts = {
            "rural_revitalisation.households": [{"household": "H1", "hh_type": "formerly_poor"}],
            "employment.work_monthly": [
                {"person": "a", "household": "H1", "month": "2026-09-01", "employer_name": "某某公司"}
            ],
        }
        scratch_facts.fill(connection, DAY, facts)
        scratch_facts.arrived(connection, DAY)
    done = {each.indicator: each for each in accountability.run(DAY, COUNTY).indicators}
    assert {done[code].status for code in ("I-EMP-01", "I-EMP-02")} == {"failed"}
    assert done["I-EMP-02"].reason == done["I-EMP-01"].reason
    assert done["I-3B-03"].status == "ok"


def test_evidence_is_shared_by_indicators_that_ask_alike(include: Path) -> None:
    folder, other = (include / "indicators" / code for code in ("I-LOC-01", "I-LOC-02"))
    write(folder, indicator__yaml=NEW_INDICATOR + "evidence_of: I-EMP-01\n", query__sql="select 1")
    write(other, indicator__yaml=NEW_INDICATOR.replace(folder.name, other.name) + "evidence_of: I-EMP-02\n")
    with pytest.raises(monitoring.DefinitionError) as raised:
        accountability.indicators(include)
    said = str(raised.value)
    assert "I-LOC-01: 写了 evidence_of 的指标不应再有 query.sql" in said
    assert "I-LOC-01: population 须与 I-EMP-01 相同" in said
    assert "evidence_of 须写一个自有 query.sql 的指标, 不能是 I-EMP-02" in said


def test_all_faults_of_all_rules_are_named_at_once(include: Path) -> None:
    faulty = yaml.safe_load(NEW_RULE)
    faulty |= {"severity": "紫", "datasets": ["employment.nothing"], "colour": "red"}
    write(include / "rules" / "R-LOC-01", rule__yaml=yaml.safe_dump(faulty), query__sql=NEW_QUERY)
    unused = (
        NEW_RULE.replace("R-LOC-01", "R-LOC-02").replace("[ALL]", "[EVERYONE]").replace("province_15", "soon")
    )
    write(
        include / "rules" / "R-LOC-03",
        rule__yaml=unused,
        query__sql="select :missing, ':not_a_bind' -- :nor_this",
    )
    with pytest.raises(monitoring.DefinitionError) as raised:
        monitoring.rules(include)
    assert raised.value.faults[0].startswith("R-LOC-01/rule.yaml: severity:")
    assert "R-LOC-01/rule.yaml: colour: Extra inputs are not permitted" in raised.value.faults
    assert {fault for fault in raised.value.faults if fault.startswith("R-LOC-03")} == {
        "R-LOC-03: 编号 R-LOC-02 与文件夹不同名",
        "R-LOC-03: 未知的人群 EVERYONE",
        "R-LOC-03: 未知的时限方案 soon",
        "R-LOC-03: SQL 用了未定义的参数 missing",
        "R-LOC-03: 参数 wage 没有用到",
    }


def test_a_tree_that_names_what_is_not_there_is_refused(include: Path) -> None:
    path = include / "framework" / "tree.yaml"
    tree = (
        path.read_text(encoding="utf-8")
        .replace("I-3B-03", "I-3B-99")
        .replace("lead: finance", "lead: nobody")
    )
    path.write_text(tree, encoding="utf-8")
    with pytest.raises(monitoring.DefinitionError) as raised:
        accountability.accountability(include)
    assert "tree.yaml: N12: 未知指标 I-3B-99" in raised.value.faults
    assert "tree.yaml: S5: 未知单位 nobody" in raised.value.faults


@pytest.mark.parametrize(
    ("county", "day", "line"),
    [
        ("639900", dt.date(2026, 1, 1), 8800),
        ("639900", dt.date(2025, 12, 31), None),
        ("630121", dt.date(2022, 6, 1), 6700),
        ("630121", dt.date(2021, 12, 31), 6000),
        ("630121", dt.date(2026, 9, 1), None),
    ],
)
def test_the_monitor_line_is_the_longest_region_and_latest_date(
    county: str, day: dt.date, line: int | None
) -> None:
    found = framework(REPOSITORY / "include").monitor_lines.line(county, day)
    assert found is not None
    assert found.value == line


def test_the_framework_is_whole() -> None:
    frame = accountability.accountability(REPOSITORY / "include")
    layers = [node.layer for node in frame.tree.nodes]
    assert [layers.count(layer) for layer in ("master_plan", "support_system", "action_plan", "policy")] == [
        1,
        7,
        5,
        36,
    ]
    slots = {mechanism.code: len(mechanism.slots) for mechanism in frame.mechanisms}
    assert (slots["2411"], slots["1510"], slots["twelve_measures"]) == (4, 3, 12)
    assert (slots["three_villages"], slots["six_batches"]) == (21, 6)
    assert {unit.code for unit in frame.recipients()} >= {"education", "county_leaders"}
    assert all(address.endswith(".invalid") for unit in frame.recipients() for address in unit.mail)


def test_binds_are_told_from_casts_strings_and_comments() -> None:
    assert binds("select :a, b::date, ':c', x -- :d\nfrom t where y > :e - 1") == {"a", "e"}

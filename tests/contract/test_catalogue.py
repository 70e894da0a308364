"""The catalogue: what is in the project, what a new file needs, and how faults are told."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from xianjie.contract import FieldKind, FieldType, Severity, catalogue, rules, table_columns
from xianjie.contract.catalogue import read_contracts
from xianjie.errors import ContractError
from xianjie.settings import settings

Write = Callable[[dict[str, Any]], Path]
DATASETS = {
    "civil_affairs.destitute_support": "CIV-02", "civil_affairs.dibao": "CIV-01",
    "civil_affairs.disability_allowances": "CIV-05", "civil_affairs.life_events": "CIV-07",
    "civil_affairs.low_income_families": "CIV-03", "civil_affairs.temporary_relief": "CIV-04",
    "civil_affairs.vulnerable_persons": "CIV-06", "education.dropout_ledger": "EDU-02",
    "education.enrolment": "EDU-01", "education.graduate_destinations": "EDU-05",
    "education.student_aid": "EDU-03", "education.study_costs": "EDU-04", "employment.public_posts": "EMP-02",
    "employment.social_insurance": "EMP-06", "employment.training": "EMP-03",
    "employment.work_monthly": "EMP-01", "employment.work_subsidies": "EMP-04",
    "employment.workshops": "EMP-05", "housing.house_safety": "HOU-01",
    "housing.relocation_quality": "HOU-03", "housing.renovation": "HOU-02",
    "rural_revitalisation.households": "B2", "rural_revitalisation.migrant_work": "B3",
    "rural_revitalisation.persons": "B1", "rural_revitalisation.villages": "B4",
}  # fmt: skip


def additions(document: dict[str, Any]) -> dict[str, Any]:
    return document["customProperties"][0]["value"]  # type: ignore[no-any-return]


def test_the_project_holds_every_dataset_of_the_four_departments_and_the_base_register() -> None:
    assert {contract.id: contract.code for contract in catalogue().active()} == DATASETS
    assert set(catalogue().by_department()) == {
        "civil_affairs", "education", "employment", "housing", "rural_revitalisation",
    }  # fmt: skip


@pytest.mark.parametrize("contract_id", DATASETS)
def test_every_contract_says_how_to_mend_and_protects_persons(contract_id: str) -> None:
    contract = catalogue().get(contract_id)
    assert all(rule.fix and rule.title and rule.fields for rule in rules(contract))
    personal = {field.name for field in contract.fields if field.kind is not FieldKind.PLAIN}
    assert personal.isdisjoint(column.name for column in table_columns(contract))
    assert not contract.is_confirmed
    assert contract.arrival_deadline <= contract.cutoff
    assert contract.owner
    assert contract.liaison


def test_the_id_is_demanded_only_where_it_is_part_of_the_key() -> None:
    for contract in catalogue():
        if contract.subject:
            missing = next(
                rule for rule in rules(contract) if rule.id == f"{contract.code}.{contract.subject}.missing"
            )
            assert (missing.severity is Severity.FIX) == (contract.subject in contract.key)


def test_a_new_dataset_needs_one_file(write: Write, document: dict[str, Any]) -> None:
    contract = catalogue(write(document)).get("water.outage")
    assert contract.table == "water_outage"
    assert contract.key == ("outage_no",)
    assert contract.cutoff == dt.time(22)
    assert contract.source.options == {"path": "/停水.csv"}
    assert contract.field("started_date").type is FieldType.DATE
    assert {rule.id for rule in rules(contract)} >= {
        "WAT-01.outage_no.missing", "WAT-01.division_code.code", "WAT-01.started_date.type",
        "WAT-01.ended_before_started", "WAT-01.row.conflicting",
    }  # fmt: skip


def test_a_file_that_changes_is_read_again(write: Write, document: dict[str, Any]) -> None:
    include = write(document)
    before, faults = read_contracts(include)
    assert not faults
    document["name"] = "停电事件"
    write(document)
    after, _ = read_contracts(include)
    assert [each.title for each in before] == ["停水事件"]
    assert [each.title for each in after] == ["停电事件"]
    (include / "contracts" / "water" / "outage.yaml").write_text("id: [", encoding="utf-8")
    assert read_contracts(include)[0] == []


def test_an_inactive_dataset_is_known_but_not_run(write: Write, document: dict[str, Any]) -> None:
    document["status"] = "draft"
    found = catalogue(write(document))
    assert found.get("water.outage")
    assert found.active() == ()


@pytest.fixture
def switch(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Sets what is switched on, as an operator does."""

    def on(names: str) -> None:
        monkeypatch.setenv("XIANJIE_DATASETS_ON", names)
        settings.cache_clear()

    yield on
    monkeypatch.undo()
    settings.cache_clear()


def test_a_setting_switches_on_departments_and_datasets(switch: Callable[[str], None]) -> None:
    before = {contract.id for contract in catalogue().active()}
    switch("medical_insurance, water.outages")
    found = {contract.id for contract in catalogue().active()} - before
    assert found == {
        "medical_insurance.outpatient_chronic", "medical_insurance.payments", "medical_insurance.settlements",
        "water.outages",
    }  # fmt: skip
    assert [contract.id for contract in catalogue().by_department()["water"]] == ["water.outages"]
    switch("")
    assert {contract.id for contract in catalogue().active()} == before


@pytest.mark.parametrize(
    ("names", "told"), [("watter", "watter"), ("water.outages,water.none", "water.none")]
)
def test_a_name_that_is_not_there_cannot_be_switched_on(
    switch: Callable[[str], None], names: str, told: str
) -> None:
    switch(names)
    with pytest.raises(ContractError, match=f"没有这个部门或数据集: {told}"):
        catalogue()


@pytest.mark.parametrize("status", ["deprecated", "retired"])
def test_what_has_ended_is_not_switched_on_again(
    write: Write, document: dict[str, Any], switch: Callable[[str], None], status: str
) -> None:
    document["status"] = status
    include = write(document)
    switch("water")
    assert catalogue(include).active() == (), "a department's other datasets may still be switched on"
    switch("water.outage")
    with pytest.raises(ContractError, match=r"已停用: water\.outage"):
        catalogue(include)


def test_an_unknown_contract_is_an_error_that_names_the_command() -> None:
    with pytest.raises(ContractError, match="xianjie contract lint"):
        catalogue().get("water.nothing")


def test_all_faults_of_all_files_are_told_at_once(write: Write, document: dict[str, Any]) -> None:
    other = copy.deepcopy(document)
    other.update(id="water.quality", nam="水质")
    del other["version"]
    other["schema"][0]["properties"][2]["physicalType"] = "timestamp"
    write(other)
    additions(document).update(subject="owner", code="WAT-01")
    document["schema"][0]["properties"][1]["customProperties"][0]["value"]["code_list"] = "no_such_list"
    document["schema"][0]["quality"][0]["customProperties"][0]["value"]["fields"] = ["end_date"]
    del additions(document)["source"]["options"]["path"]
    with pytest.raises(ContractError) as raised:
        catalogue(write(document))
    text = raised.value.message
    for told in (
        "contracts/water/quality.yaml nam", "contracts/water/quality.yaml version",
        "schema[0].properties[2].physicalType", "没有字段 owner",
        "没有代码表 no_such_list", "没有字段 end_date",
        "sftp 取数必须写 path",
    ):  # fmt: skip
        assert told in text
    assert text.startswith("数据契约有 7 处错误")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda d: d.update(id="water.other"), "与文件位置不符"),
        (lambda d: d["slaProperties"].pop(1), "没有 cutoff"),
        (lambda d: d["slaProperties"][0].update(value="late"), "arrival_deadline 不是时刻"),
        (lambda d: d["slaProperties"][0].update(value="23:00"), "cutoff 早于 arrival_deadline"),
        (lambda d: d["schema"][0]["properties"][0].pop("primaryKey"), "没有主键"),
        (lambda d: d["schema"][0]["properties"][3].update(businessName="停水日期"), "停水日期 重复"),
        (
            lambda d: d["schema"][0]["quality"].append(d["schema"][0]["quality"][0]),
            "ended_before_started 重复",
        ),
        (lambda d: additions(d)["source"].update(format="json5"), "source.format"),
        (lambda d: additions(d)["source"].update(connector="sql"), "没有 table"),
        (lambda d: additions(d)["source"].pop("connection"), "没有 connection"),
        (lambda d: additions(d).update(delivery_mode="sometimes"), "delivery_mode"),
    ],
)
def test_each_fault_is_named_with_its_mend(
    include: Path, document: dict[str, Any], change: Callable[[dict[str, Any]], None], told: str
) -> None:
    import yaml

    change(document)
    path = include / "contracts" / "water" / "outage.yaml"
    path.parent.mkdir()
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    with pytest.raises(ContractError, match=told.replace("[", r"\[")):
        catalogue(include)


def test_broken_yaml_is_a_fault_with_its_line(include: Path) -> None:
    (include / "contracts" / "bad.yaml").write_text("id: a\n  name: : b\n", encoding="utf-8")
    with pytest.raises(ContractError, match=r"contracts/bad\.yaml 第 2 行"):
        catalogue(include)


def test_a_personal_field_below_level_three_is_refused(write: Write, document: dict[str, Any]) -> None:
    document["schema"][0]["properties"].append(
        {
            "name": "reporter",
            "businessName": "报告人",
            "logicalType": "string",
            "physicalType": "varchar(50)",
            "classification": "L1",
            "customProperties": [{"property": "xianjie", "value": {"kind": "name"}}],
        }
    )
    with pytest.raises(ContractError, match="低于 L3"):
        catalogue(write(document))

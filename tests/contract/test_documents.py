"""The documents say what the code does: every key is described, and the cookbook's example works."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from xianjie.contract import Tolerances, catalogue, odcs, rules
from xianjie.contract.conditions import filled
from xianjie.contract.lint import lint
from xianjie.settings import REPOSITORY

REFERENCE = (REPOSITORY / "docs" / "reference" / "contracts.md").read_text(encoding="utf-8")
COOKBOOK = (REPOSITORY / "docs" / "cookbook" / "add-a-dataset.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    match = re.search(rf"```{language}\n(.*?)```", COOKBOOK, flags=re.DOTALL)
    assert match is not None
    return match[1]


@pytest.mark.parametrize(
    "model",
    [
        odcs._Document,
        odcs._ContractAdditions,
        odcs._Property,
        odcs._FieldAdditions,
        odcs._QualityAdditions,
        Tolerances,
    ],
)
def test_every_key_of_a_contract_is_described(model: type[BaseModel]) -> None:
    names = {field.alias or name for name, field in model.model_fields.items()} - {"xianjie"}
    assert {
        name for name in names if not re.search(rf"`{name}`|^ *{name}: ", REFERENCE, re.MULTILINE)
    } == set()


def test_every_source_option_in_use_is_described() -> None:
    for contract in catalogue():
        for name in (*contract.source.options, *contract.source.reading):
            assert f"`{name}`" in REFERENCE, (contract.id, name)


def test_every_derived_problem_is_described() -> None:
    for contract in catalogue():
        own = {rule.id for rule in contract.rules}
        for problem in {rule.id.rpartition(".")[2] for rule in rules(contract) if rule.id not in own}:
            assert re.search(rf"`{problem}`|row\.{problem}`", REFERENCE), problem


def test_the_functions_of_conditions_are_described_and_known() -> None:
    for name in re.findall(r"`(\w+)\([xd]\)`", REFERENCE):
        assert name not in filled(f"{name}(birth_date)", dt.date(2026, 9, 21), "639900")


def test_the_cookbook_adds_a_dataset_that_is_sound(include: Path) -> None:
    path = include / "contracts" / "forestry_grassland" / "fires.yaml"
    path.parent.mkdir()
    path.write_text(block("yaml"), encoding="utf-8")
    (include / "codes" / "forestry_grassland.csv").write_text(block("csv"), encoding="utf-8")
    assert lint(include) == []
    contract = catalogue(include).get(yaml.safe_load(block("yaml"))["id"])
    assert "FOR-01.cause.code" in {rule.id for rule in rules(contract, include_dir=include)}

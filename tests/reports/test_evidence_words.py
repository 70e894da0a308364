"""Every column of evidence that a rule returns has a name in the reader's language."""

from __future__ import annotations

import re

import pytest
import yaml

from xianjie.contract.catalogue import catalogue
from xianjie.settings import REPOSITORY

INCLUDE = REPOSITORY / "include"
RULES = sorted((INCLUDE / "rules").glob("*/query.sql"))
CHECKS = sorted((INCLUDE / "checks").glob("*/check.yaml"))


def named(datasets: list[str]) -> set[str]:
    """What has a name: the fields of the datasets, and what the words name."""
    fields = {field.name for name in datasets for field in catalogue().get(name).fields}
    words = yaml.safe_load((INCLUDE / "templates" / "words" / "zh.yaml").read_text(encoding="utf-8"))
    return fields | set(words["evidence"]) | {"birth_date"}


@pytest.mark.parametrize("query", RULES, ids=lambda path: path.parent.name)
def test_evidence_is_named(query) -> None:
    spec = yaml.safe_load((query.parent / "rule.yaml").read_text(encoding="utf-8"))
    columns = set(re.findall(r"\bev_(\w+)", query.read_text(encoding="utf-8")))
    assert columns
    assert columns - named(spec["datasets"]) == set()


def test_checks_were_found() -> None:
    assert len(CHECKS) > 40


@pytest.mark.parametrize("check", CHECKS, ids=lambda path: path.parent.name)
def test_evidence_of_checks_is_named(check) -> None:
    """The label comes from the dataset of the row in question, or from the words."""
    for query in check.parent.rglob("*.sql"):
        text = query.read_text(encoding="utf-8")
        first = re.findall(r"'(\w+\.\w+)' as dataset", text)
        assert set(re.findall(r"\bev_(\w+)", text)) - named(first) == set(), query

"""Every column of evidence that a rule returns has a name in the reader's language."""

from __future__ import annotations

import re

import pytest
import yaml

from xianjie.contract.catalogue import catalogue
from xianjie.settings import REPOSITORY

RULES = sorted((REPOSITORY / "include" / "rules").glob("*/query.sql"))


@pytest.mark.parametrize("query", RULES, ids=lambda path: path.parent.name)
def test_evidence_is_named(query) -> None:
    spec = yaml.safe_load((query.parent / "rule.yaml").read_text(encoding="utf-8"))
    fields = {field.name for name in spec["datasets"] for field in catalogue().get(name).fields}
    words = yaml.safe_load(
        (REPOSITORY / "include" / "templates" / "words" / "zh.yaml").read_text(encoding="utf-8")
    )
    named = fields | set(words["evidence"]) | {"birth_date"}
    columns = set(re.findall(r"\bev_(\w+)", query.read_text(encoding="utf-8")))
    assert columns
    assert columns - named == set()

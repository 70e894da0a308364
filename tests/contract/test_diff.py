"""Versions of a contract: what changed, and what of it breaks a promise."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from xianjie.contract.diff import diff
from xianjie.errors import ContractError

Document = dict[str, Any]


def changes(tmp_path: Path, old: Document, new: Document) -> list[tuple[bool, str]]:
    paths = []
    for name, document in (("old", old), ("new", new)):
        paths.append(tmp_path / f"{name}.yaml")
        paths[-1].write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    return [(change.is_breaking, change.path) for change in diff(*paths)]


def properties(document: Document) -> list[Document]:
    return document["schema"][0]["properties"]  # type: ignore[no-any-return]


def test_the_same_contract_has_no_changes(tmp_path: Path, document: Document) -> None:
    assert changes(tmp_path, document, document) == []


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda d: properties(d).pop(2), "started_date"),
        (lambda d: properties(d)[2].update(logicalType="string", physicalType="varchar(10)"), "started_date"),
        (lambda d: properties(d)[2].update(required=True), "started_date"),
        (lambda d: properties(d)[0].update(physicalType="varchar(10)"), "outage_no"),
        (lambda d: properties(d)[2].update(businessName="开始"), "started_date"),
        (lambda d: properties(d)[2].update(primaryKey=True, primaryKeyPosition=2), "key"),
        (lambda d: d["customProperties"][0]["value"].update(delivery_mode="delta"), "delivery_mode"),
        (lambda d: d["schema"][0]["quality"][0].update(id="dates"), "WAT-01.dates"),
    ],
)
def test_a_breaking_change_is_named_and_needs_a_major_version(
    tmp_path: Path, document: Document, change: Callable[[Document], None], path: str
) -> None:
    new = copy.deepcopy(document)
    if path == "WAT-01.dates":
        document["schema"][0]["quality"] = []
    change(new)
    found = changes(tmp_path, document, new)
    assert (True, path) in found
    assert (True, "version") in found
    new["version"] = "2.0.0"
    assert (True, "version") not in changes(tmp_path, document, new)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda d: properties(d)[0].update(physicalType="varchar(40)"), "outage_no"),
        (lambda d: properties(d)[1].update(required=False), "division_code"),
        (
            lambda d: properties(d).append(
                dict(properties(d)[3], name="repaired_date", businessName="修复日期")
            ),
            "repaired_date",
        ),
        (lambda d: d["slaProperties"][0].update(value="21:00"), "arrival_deadline"),
        (lambda d: d["schema"][0]["quality"].clear(), "WAT-01.ended_before_started"),
        (lambda d: d["schema"][0]["quality"][0].update(severity="warn"), "WAT-01.ended_before_started"),
    ],
)
def test_a_compatible_change_is_named_and_needs_none(
    tmp_path: Path, document: Document, change: Callable[[Document], None], path: str
) -> None:
    new = copy.deepcopy(document)
    change(new)
    assert changes(tmp_path, document, new) == [(False, path)]


def test_a_new_name_is_compatible_when_the_old_one_is_still_known(tmp_path: Path, document: Document) -> None:
    new = copy.deepcopy(document)
    properties(new)[2].update(
        businessName="开始日期",
        customProperties=[{"property": "xianjie", "value": {"aliases": ["停水日期"]}}],
    )
    assert changes(tmp_path, document, new) == [(False, "started_date")]


def test_an_unreadable_version_is_an_error(tmp_path: Path, document: Document) -> None:
    with pytest.raises(ContractError):
        changes(tmp_path, document, {"id": "x"})

"""The dictionary: whole, self-contained, and as new as the contracts."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from xianjie.contract import catalogue, rules
from xianjie.contract.dictionary import write
from xianjie.settings import REPOSITORY

ON = dt.date(2026, 9, 21)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    out = tmp_path_factory.mktemp("docs")
    return {path.relative_to(out).as_posix(): path.read_text(encoding="utf-8") for path in write(out, on=ON)}


def test_every_department_has_a_page_with_all_its_fields_and_rules(written: dict[str, str]) -> None:
    for department, contracts in catalogue().every_department().items():
        page = written[f"dictionary/{department}.html"]
        for contract in contracts:
            assert all(f">{field.name}<" in page for field in contract.fields)
            assert all(f">{rule.id}<" in page for rule in rules(contract))


def test_a_department_that_waits_is_told_so(written: dict[str, str]) -> None:
    assert "尚未启用" in written["dictionary/water.html"]
    assert "尚未启用" not in written["dictionary/education.html"]
    assert "Not in use yet" in written["dictionary.md"]


def test_pages_load_nothing_from_elsewhere(written: dict[str, str]) -> None:
    for name, page in written.items():
        if name.endswith(".html"):
            assert not re.search(r"(src|href)=\"(?!#)|@import|url\(|<script", page), name


def test_links_within_a_page_lead_somewhere(written: dict[str, str]) -> None:
    for name, page in written.items():
        if name.endswith(".html"):
            anchors = set(re.findall(r'id="([^"]+)"', page))
            assert set(re.findall(r'href="#([^"]+)"', page)) <= anchors, name


def test_the_committed_dictionary_is_the_contracts(written: dict[str, str]) -> None:
    for name, page in written.items():
        committed = (REPOSITORY / "docs" / "reference" / name).read_text(encoding="utf-8")
        assert _content(committed) == _content(page), f"{name}: run xianjie contract docs"


def test_text_of_a_contract_cannot_become_html(
    tmp_path: Path, include: Path, write_document: Callable[[dict[str, Any]], Path], document: dict[str, Any]
) -> None:
    import shutil

    shutil.copytree(REPOSITORY / "include" / "templates", include / "templates")
    document["schema"][0]["properties"][0]["businessName"] = "<script>编号"
    pages = write(tmp_path / "out", write_document(document), ON)
    assert "<script>" not in pages[0].read_text(encoding="utf-8")


def _content(page: str) -> str:
    """The page without its look, which belongs to the reports."""
    return re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)

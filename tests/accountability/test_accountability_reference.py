"""The reference pages say what the definitions say, and the cookbook's example rule is one that runs."""

from __future__ import annotations

import pytest

from xianjie.accountability import reference
from xianjie.settings import REPOSITORY


@pytest.mark.parametrize(
    ("name", "page"), [("rules.md", reference.rules_page), ("indicators.md", reference.indicators_page)]
)
def test_the_page_is_the_one_the_definitions_give(name: str, page: object) -> None:
    written = (REPOSITORY / "docs" / "reference" / name).read_text(encoding="utf-8")
    assert callable(page)
    assert written == page(REPOSITORY / "include"), "run: python -m xianjie.accountability.reference"

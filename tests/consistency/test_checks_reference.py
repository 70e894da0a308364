"""The reference page is the one the definitions give."""

from __future__ import annotations

from pathlib import Path

from xianjie.consistency import checks
from xianjie.consistency.reference import PAGE, page


def test_the_page_is_the_one_the_definitions_give(module_home: Path) -> None:
    assert PAGE.read_text(encoding="utf-8") == page(checks())

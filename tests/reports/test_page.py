"""The page, and the words it is made of."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import report_samples as samples

from xianjie.reports.cut import cut
from xianjie.reports.errors import ReportError
from xianjie.reports.model import Edition, Recipient
from xianjie.reports.page import write_page
from xianjie.reports.words import words

RECIPIENTS = [samples.HOUSING, samples.RURAL, samples.LEADERS]


def page(tmp_path: Path, recipient: Recipient, language: str = "zh", **values: object) -> str:
    path = tmp_path / "index.html"
    write_page(path, cut(samples.night(**values), recipient), Edition(), words(language))
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("recipient", RECIPIENTS, ids=lambda r: r.code)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_page_needs_nothing_from_elsewhere(tmp_path: Path, recipient: Recipient, language: str) -> None:
    text = page(tmp_path, recipient, language)
    assert not re.search(r"https?://|<script|<link|@import|url\(", text)
    assert "default-src 'none'" in text


def test_markup_in_data_is_shown_not_run(tmp_path: Path) -> None:
    nasty = '<script>alert(1)</script><img src=x onerror="y">'
    text = page(tmp_path, samples.LEADERS, leads=(samples.lead(evidence=nasty, town=nasty),))
    assert "<script" not in text
    assert "<img" not in text
    assert "&lt;script&gt;" in text


def test_who_is_missing_stands_on_every_page(tmp_path: Path) -> None:
    for recipient in RECIPIENTS:
        assert "今晚未到：民政局（临时救助）、住建局（危房改造）、农业农村(乡村振兴)局" in page(
            tmp_path, recipient
        )


def test_a_page_tells_severity_in_words(tmp_path: Path) -> None:
    text = page(tmp_path, samples.LEADERS)
    assert all(
        f'<span class="mark {code}">{word}</span>' in text
        for code, word in (("red", "红"), ("orange", "橙"), ("yellow", "黄"))
    )


def test_both_languages_have_the_same_words_and_placeholders() -> None:
    def flat(tree: Any, path: str = "") -> dict[str, list[str]]:
        if isinstance(tree, dict):
            return {k: v for name, sub in tree.items() for k, v in flat(sub, f"{path}.{name}").items()}
        return {path: sorted(re.findall(r"\{(\w*)", tree)) if isinstance(tree, str) else []}

    chinese, english = (flat(words(language)._tree) for language in ("zh", "en"))
    chinese = {key: value for key, value in chinese.items() if not key.startswith(".units.")}
    english = {key: value for key, value in english.items() if not key.startswith(".units.")}
    assert chinese.keys() == english.keys()
    assert {key for key in chinese if chinese[key] != english[key]} <= {".date"}


def test_a_missing_word_is_named() -> None:
    with pytest.raises(ReportError, match=r"no\.such"):
        words("zh")("no.such.word")

"""Data Docs (检查说明页) of one delivery: Great Expectations' own rendering, readable without internet.

The library renders each section; its page frame, which loads styles and scripts from public CDNs, is
replaced by ``include/validation/data_docs.html``. No value of a row is in the results, so none can be here.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from markupsafe import Markup

from xianjie.contract.model import Contract, Rule
from xianjie.landing import Delivery
from xianjie.settings import settings
from xianjie.validation.gate import Judgement, import_great_expectations
from xianjie.validation.policy import DataDocsText, Policy

_RUN_INFO = "Run Info"


def folder(delivery: Delivery) -> Path:
    """Where the page of a delivery's date and dataset lies."""
    return (
        settings().home
        / "data_docs"
        / delivery.business_date.isoformat()
        / delivery.department
        / delivery.dataset
    )


def publish(
    contract: Contract,
    delivery: Delivery,
    judgement: Judgement,
    broken: list[tuple[Rule, int]],
    policy: Policy,
) -> Path:
    """Writes ``index.html`` in one step and returns its path; `broken` are rules with their rows."""
    from jinja2 import Environment

    template = (settings().include_dir / "validation" / "data_docs.html").read_text(encoding="utf-8")
    page = (
        Environment(autoescape=True)
        .from_string(template)
        .render(
            contract=contract,
            delivery=delivery,
            judgement=judgement,
            rules=broken,
            version=import_great_expectations().__version__,
            parts=[
                (policy.data_docs.frames[frame], list(_sections(result, policy.data_docs)))
                for frame, result in judgement.pages.items()
            ],
        )
    )
    target = folder(delivery) / "index.html"
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_name(f".index.{os.getpid()}")
    aside.write_text(page, encoding="utf-8")
    aside.replace(target)
    return target


def _sections(result: Any, words: DataDocsText) -> Iterator[Markup]:
    from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer

    sections = ValidationResultsPageRenderer(run_info_at_end=True).render(result).sections
    for n, section in enumerate(sections, start=1):
        if section.section_name != _RUN_INFO:
            html = _view().render({"section": section.to_json_dict(), "section_loop": {"index": n}})
            yield Markup(_in_chinese(html, words))  # noqa: S704 - the library's own HTML over our labels


@lru_cache(maxsize=1)
def _view() -> Any:
    """One view a process: each compiles its templates anew."""
    from great_expectations.render.view.view import DefaultJinjaSectionView

    return DefaultJinjaSectionView()


def _in_chinese(html: str, words: DataDocsText) -> str:
    for pattern, replacement in words.patterns:
        html = re.sub(pattern, replacement, html)
    for english, chinese in words.words.items():
        html = re.sub(rf"(?<=[>\s]){re.escape(english)}(?=[<\s])", chinese, html)
    return re.sub(r"<a\s[^>]*>(.*?)</a>", r"\1", html, flags=re.DOTALL)

"""Data Docs (检查说明页) of one delivery: Great Expectations' own rendering, readable without internet.

The library renders each section; its page frame, which loads styles and scripts from public CDNs, is
replaced by ``include/validation/data_docs.html``. No value of a row is in the results, so none can be here.
"""

from __future__ import annotations

import datetime as dt
import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from xianjie.contract.model import Contract, Rule
from xianjie.landing import Delivery
from xianjie.settings import settings
from xianjie.validation.gate import Judgement, import_great_expectations
from xianjie.validation.policy import DataDocsText, Policy

_RUN_INFO = "Run Info"
_LINK = re.compile(r"<a\s[^>]*>(.*?)</a>", flags=re.DOTALL)


@dataclass(frozen=True)
class IndexRow:
    """A dataset's line on the page of its department and night."""

    code: str
    dataset: str
    title: str
    outcome: str
    error_code: str | None
    reason: str


def night_folder(department: str, business_date: dt.date) -> Path:
    """Where the pages of a department's night lie."""
    return settings().home / "data_docs" / business_date.isoformat() / department


def folder(delivery: Delivery) -> Path:
    """Where the page of a delivery's date and dataset lies."""
    return night_folder(delivery.department, delivery.business_date) / delivery.dataset


def publish(
    contract: Contract,
    delivery: Delivery,
    judgement: Judgement,
    broken: list[tuple[Rule, int]],
    policy: Policy,
) -> Path:
    """Writes ``index.html`` in one step and returns its path; `broken` are rules with their rows."""
    page = _template("data_docs.html").render(
        contract=contract,
        delivery=delivery,
        judgement=judgement,
        rules=broken,
        changes=judgement.changes,
        kinds=policy.data_docs.kinds,
        version=import_great_expectations().__version__,
        parts=[
            (policy.data_docs.frames[frame], list(_sections(result, policy.data_docs)))
            for frame, result in judgement.pages.items()
        ],
    )
    return _write(folder(delivery), page)


def publish_index(
    department: str, title: str, business_date: dt.date, rows: Sequence[IndexRow], policy: Policy
) -> Path:
    """Writes the page of a department's night, which links the pages of its datasets."""
    place = night_folder(department, business_date)
    page = _template("data_docs_index.html").render(
        title=title,
        business_date=business_date,
        rows=[{**asdict(row), "has_page": (place / row.dataset / "index.html").exists()} for row in rows],
        counts=Counter(row.outcome for row in rows).most_common(),
        words=policy.data_docs,
    )
    return _write(place, page)


def _template(name: str) -> Any:
    return _pages(settings().include_dir).get_template(name)


@lru_cache(maxsize=4)
def _pages(include_dir: Path) -> Environment:
    """The page frames of an include folder, each compiled once a process."""
    loader = FileSystemLoader(include_dir / "validation")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined)


def _write(place: Path, page: str) -> Path:
    target = place / "index.html"
    place.mkdir(parents=True, exist_ok=True)
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
    html = _fixed(tuple(words.words)).sub(lambda found: words.words[found[0]], html)
    return _LINK.sub(r"\1", html)


@lru_cache(maxsize=4)
def _fixed(words: tuple[str, ...]) -> re.Pattern[str]:
    """Any of the fixed words standing alone, the longest that fits."""
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile(rf"(?<=[>\s])(?:{'|'.join(map(re.escape, longest_first))})(?=[<\s])")

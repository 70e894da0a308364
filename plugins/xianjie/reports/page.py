"""One recipient's page: one HTML file that needs no server, no script and no network."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from xianjie.reports.cover import OUTCOME_STYLE, banners, edition_text, outcome_text, to_do, why_not
from xianjie.reports.cut import counts
from xianjie.reports.figures import unit
from xianjie.reports.issues import LEVELS, issue_counts
from xianjie.reports.lists import days_left, matrix
from xianjie.reports.model import Content, Edition, Indicator
from xianjie.reports.words import Words
from xianjie.settings import settings

MOST_LEADS = {"department": 200, "leaders": 60}  # leads on a page; the workbook has all of them
MOST_TOWNS = 20


@lru_cache(maxsize=4)
def environment(folder: Path) -> Environment:
    """Jinja over ``include/templates``: everything is escaped, a misspelt name is an error."""
    made = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["sum_tail"] = lambda row: sum(row[1:])
    made.globals.update(
        banners=banners,
        days_left=days_left,
        edition_text=edition_text,
        number=number,
        outcome_style=OUTCOME_STYLE,
        outcome_text=outcome_text,
        why_not=why_not,
        signed=signed,
        to_do=to_do,
        unit=unit,
        whole=whole,
    )
    return made


def render(template: str, **values: Any) -> str:
    """A template of ``include/templates`` with the shared style sheet at hand as ``css``."""
    folder = settings().include_dir / "templates"
    css = Markup((folder / "style.css").read_text(encoding="utf-8"))  # noqa: S704 - our own file, not data
    return environment(folder).get_template(template).render(css=css, **values)


def write_page(path: Path, content: Content, edition: Edition, w: Words) -> None:
    """Writes the page of `content`; equal content and edition give equal bytes."""
    text = render(
        "pack/index.html.j2",
        content=content,
        night=content.night,
        edition=edition,
        w=w,
        n=counts(content),
        leaders=content.recipient.kind == "leaders",
        most=MOST_LEADS[content.recipient.kind],
        towns=[row[:4] for row in matrix(content.leads)[:MOST_TOWNS]],
        levels=LEVELS,
        issue_counts=issue_counts(content.issues),
        quality=[(f"{row.code} {row.title}", row.valid_pct) for row in content.own if row.landed],
    )
    path.write_text(text, encoding="utf-8")


def whole(value: int | None) -> str:
    """A count with thousands separators; a dash when there is none."""
    return "—" if value is None else f"{value:,}"


def number(value: float | None, indicator: Indicator) -> str:
    """A figure of an indicator: counts whole, everything else with two decimals."""
    if value is None:
        return "—"
    return f"{value:,.0f}" if indicator.is_whole else f"{value:,.2f}"


def signed(value: float | None, indicator: Indicator) -> str:
    """A change with its sign."""
    if not value:
        return "—" if value is None else "0"
    return f"{value:+,.0f}" if indicator.is_whole else f"{value:+,.2f}"

"""One recipient's workbook, as they would like to find it in the morning."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from xianjie.reports.book import Book
from xianjie.reports.cover import write_cover
from xianjie.reports.figures import write_definitions, write_indicators, write_tree
from xianjie.reports.issue_sheets import write_issue_counts, write_issues
from xianjie.reports.lists import returned_name, write_leads, write_matrix, write_problems, write_returned
from xianjie.reports.model import Content, Edition
from xianjie.reports.words import Words

Part = tuple[str, str, Callable[[Book], None]]


def write_workbook(path: Path, content: Content, edition: Edition, w: Words) -> None:
    """Writes the workbook of `content` to `path`; equal content and edition give equal bytes."""
    night = content.night
    footer = f"{night.county} {night.business_date:%Y-%m-%d} {content.recipient.title} {w('confidential')}"
    parts = _leaders(content, w) if content.recipient.kind == "leaders" else _department(content, w)
    book = Book(path, f"{w('report')} {content.recipient.title}", night.business_date, footer)
    write_cover(book, content, edition, w, [(name, about) for name, about, _ in parts])
    for _, _, write in parts:
        write(book)
    book.close()


def _department(content: Content, w: Words) -> list[Part]:
    returned = [_returned(content, number, w) for number in range(len(content.returned))]
    return [_leads(content, w), *returned, _issues(content, w), *_figures(content, w)]


def _leaders(content: Content, w: Words) -> list[Part]:
    return [
        (w("sheet.lead_matrix"), w("about.lead_matrix"), lambda book: write_matrix(book, content, w)),
        _leads(content, w),
        (
            w("sheet.returned_summary"),
            w("about.returned_summary"),
            lambda book: write_problems(book, content, w),
        ),
        (w("sheet.issue_counts"), w("about.issue_counts"), lambda book: write_issue_counts(book, content, w)),
        _issues(content, w),
        *_figures(content, w),
    ]


def _leads(content: Content, w: Words) -> Part:
    return w("sheet.leads"), w("about.leads"), lambda book: write_leads(book, content, w)


def _issues(content: Content, w: Words) -> Part:
    return w("sheet.issues"), w("about.issues"), lambda book: write_issues(book, content, w)


def _returned(content: Content, number: int, w: Words) -> Part:
    sheet = content.returned[number]
    about = f"{sheet.title}: {len(sheet.rows):,} {w('units.rows')}。{w('about.returned')}"
    return returned_name(sheet, w), about, lambda book: write_returned(book, sheet, w)


def _figures(content: Content, w: Words) -> list[Part]:
    return [
        (w("sheet.indicators"), w("about.indicators"), lambda book: write_indicators(book, content, w)),
        (w("sheet.tree"), w("about.tree"), lambda book: write_tree(book, content, w)),
        (w("sheet.definitions"), w("about.definitions"), lambda book: write_definitions(book, content, w)),
    ]

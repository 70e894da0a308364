"""The cover: what this is, who is missing, what to do today, what came of one's own data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from xianjie.reports.book import Book, Column, Styled
from xianjie.reports.cut import counts, needs_action
from xianjie.reports.model import Content, DatasetNight, Edition
from xianjie.reports.rows import Value
from xianjie.reports.words import Words

OUTCOME_STYLE = {
    "accepted": "green",
    "empty": "green",
    "held": "orange",
    "refused": "red",
    "absent": "red",
    "failed": "red",
    "not_due": "none",
    "pending": "none",
}


def outcome_text(row: DatasetNight, w: Words) -> str:
    """The state of a dataset in words, with 迟到 when it came after the night was done."""
    text = w(f"outcome.{row.outcome}")
    return f"{text} · {w('late')}" if row.is_late and row.is_arrived else text


def arrival_columns(w: Words) -> list[Column]:
    """Columns of the table of arrivals, on the cover and on its own sheet."""
    label = w.labels("arrivals")
    return [
        Column(label["department"], 21),
        Column(label["dataset"], 27, "wrap"),
        Column(label["outcome"], 15, "center"),
        Column(label["arrived_at"], 12, "time"),
        Column(label["cutoff"], 7, "center"),
        Column(label["landed"], 9, "int"),
        Column(label["unchanged"], 9, "int"),
        Column(label["accepted"], 8, "int"),
        Column(label["quarantined"], 7, "int"),
        Column(label["warned"], 7, "int"),
        Column(label["valid_pct"], 9, "pct"),
        Column(label["open_returned"], 9, "int"),
        Column(label["reason"], 38, "wrap"),
    ]


def arrival_rows(datasets: Sequence[DatasetNight], w: Words) -> Iterator[list[Value | Styled]]:
    """One row a dataset, for `arrival_columns`."""
    for row in datasets:
        yield [
            row.department_title,
            f"{row.code} {row.title}",
            Styled(outcome_text(row, w), OUTCOME_STYLE[row.outcome]),
            row.arrived_at,
            row.cutoff.strftime("%H:%M"),
            row.landed,
            row.unchanged,
            row.accepted,
            row.quarantined,
            row.warned,
            row.valid_pct,
            row.open_returned,
            row.reason or "",
        ]


def mending_columns(w: Words) -> list[Column]:
    """Columns of the table of how fast departments mend, in the widths of the cover."""
    label = w.labels("mending")
    return [
        Column(label["department"], 21),
        Column(label["open"], 27, "int"),
        Column(label["median_open_days"], 15, "int"),
        Column(label["oldest_open_days"], 12, "int"),
        Column(label["returned"], 7, "int"),
        Column(label["fixed"], 9, "int"),
        Column(label["fix_rate_pct"], 9, "pct"),
        Column(label["median_days_to_fix"], 8, "int"),
        Column(label["recurring"], 7, "int"),
    ]


def mending_rows(content: Content) -> Iterator[list[Value | Styled]]:
    """One row a department, for `mending_columns`."""
    for row in content.mending:
        yield [
            row.department_title,
            row.open,
            row.median_open_days,
            row.oldest_open_days,
            row.returned,
            row.fixed,
            row.fix_rate_pct,
            row.median_days_to_fix,
            row.recurring,
        ]


def dataset_names(datasets: Sequence[DatasetNight], w: Words) -> str:
    """Datasets in one line."""
    return w.names([f"{row.title}（{row.code}）" for row in datasets])


def banners(content: Content, w: Words) -> list[tuple[str, str]]:
    """(style, text) of what must be read first."""
    absent = [row for row in content.own if row.is_missing]
    not_taken = [row for row in content.own if row.is_not_taken]
    found: list[tuple[str, str]] = []
    if absent and content.recipient.kind == "department":
        found.append(("alarm", w("own_missing", count=len(absent), datasets=dataset_names(absent, w))))
    if not_taken and content.recipient.kind == "department":
        names = dataset_names(not_taken, w)
        found.append(("alarm", w("own_not_taken", count=len(not_taken), datasets=names)))
    missing = missing_names(content.night.datasets, w)
    style, text = (
        ("notice", w("missing_line", names=w.names(missing))) if missing else ("calm", w("all_arrived"))
    )
    return [*found, (style, text)]


def missing_names(datasets: Sequence[DatasetNight], w: Words) -> list[str]:
    """Departments of which something did not come; when only a part is missing, the datasets are named."""
    names = []
    for title in dict.fromkeys(row.department_title for row in datasets):
        mine = [row for row in datasets if row.department_title == title and row.is_due]
        absent = [row.title for row in mine if row.is_missing]
        if absent:
            names.append(
                title if len(absent) == len(mine) else w("partly", name=title, parts=w.names(absent))
            )
    return names


def to_do(content: Content, w: Words) -> list[str]:
    """What the recipient has to do today, one line each."""
    n = counts(content)
    lines = []
    if missing := len(needs_action(content)):
        lines.append(w("to_do_missing", count=missing))
    if n["leads"]:
        lines.append(
            w(
                "to_do_leads",
                count=n["leads"],
                red=n["leads_red"],
                orange=n["leads_orange"],
                yellow=n["leads_yellow"],
                new=n["leads_new"],
                overdue=n["leads_overdue"],
                sheet=w("sheet.leads"),
            )
        )
    if n["returned_rows"]:
        sheet = "returned_summary" if content.recipient.kind == "leaders" else "returned"
        count = f"{n['returned_rows']:,}"
        lines.append(w("to_do_returned", count=count, new=n["returned_new"], sheet=w(f"sheet.{sheet}")))
    return lines or [w("to_do_nothing")]


def others(content: Content, w: Words) -> Iterator[list[Value | Styled]]:
    """One row a dataset of the other departments, for `arrival_columns`: came or not, and why not; no counts."""
    blank: list[Value | Styled] = [None] * (len(arrival_columns(w)) - 4)
    for row in content.night.datasets:
        if row.department != content.recipient.code:
            outcome = Styled(outcome_text(row, w), OUTCOME_STYLE[row.outcome])
            yield [row.department_title, f"{row.code} {row.title}", outcome, *blank, why_not(row)]


def why_not(row: DatasetNight) -> str:
    """Why a dataset is not in tonight's figures; empty when it is."""
    return (row.reason or "") if row.is_not_taken or row.outcome in {"failed", "absent"} else ""


def write_cover(
    book: Book, content: Content, edition: Edition, w: Words, contents: Sequence[tuple[str, str]]
) -> None:
    """Writes the cover; `contents` are (sheet name, what it holds) of the sheets that follow."""
    columns = arrival_columns(w)
    widths = [column.width for column in columns]
    sheet = book.sheet(w("sheet.cover"), widths, colour="1F3864")
    row = _head(book, sheet, content, edition=edition, w=w, widths=widths)
    row = _section(book, sheet, row, w("to_do"), widths)
    for number, line in enumerate(to_do(content, w), start=1):
        book.line(sheet, row, f"{number}. {line}", "plain", widths, height=20)
        row += 1
    row = _section(book, sheet, row + 1, w("sheet.arrivals"), widths)
    book.header(sheet, row, columns)
    row = book.rows(sheet, row + 1, columns, arrival_rows(content.own, w))
    if content.recipient.kind == "department":
        row = _section(book, sheet, row + 1, w("other_departments"), widths)
        row = book.rows(sheet, row, columns, others(content, w))
    if content.mending:
        row = _section(book, sheet, row + 1, w("mending.title"), widths)
        book.header(sheet, row, mending_columns(w))
        row = book.rows(sheet, row + 1, mending_columns(w), mending_rows(content))
    row = _section(book, sheet, row + 1, w("sheets_title"), widths)
    for name, about in contents:
        sheet.write_url(row, 0, f"internal:'{name}'!A1", book.style("link"), name)
        sheet.write_string(row, 1, about, book.style("small") if len(about) > 60 else book.style("subtitle"))
        row += 1
    book.line(sheet, row + 1, w("how_to_answer"), "small", widths)
    book.line(sheet, row + 2, w("confidential"), "small", widths)


def _head(
    book: Book, sheet: Any, content: Content, *, edition: Edition, w: Words, widths: list[float]
) -> int:
    night = content.night
    leaders = content.recipient.kind == "leaders"
    book.line(sheet, 0, w("leaders_report" if leaders else "report"), "title", widths, height=34)
    parts = [
        w("subtitle", county=night.county, recipient=content.recipient.title),
        f"{w('business_date')} {w.date(night.business_date)}（{w.weekday(night.business_date)}）",
        edition_text(edition, w),
    ]
    book.line(sheet, 1, "    ".join(parts), "subtitle", widths, height=22)
    row = 2
    changed = [("notice", f"{w('changed')}：{'；'.join(edition.changes)}")] if edition.changes else []
    for style, text in [*banners(content, w), *changed]:
        book.line(sheet, row, text, style, widths, height=24)
        row += 1
    return row + 1


def edition_text(edition: Edition, w: Words) -> str:
    """第 1 版, or 更新版 with its number."""
    return w("edition_update", revision=edition.revision) if edition.is_update else w("edition_first")


def _section(book: Book, sheet: Any, row: int, title: str, widths: list[float]) -> int:
    book.line(sheet, row, title, "heading", widths, height=24)
    return row + 1

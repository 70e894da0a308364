"""The lists people work through: leads to verify, rows to correct, and their summaries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from xianjie.reports.book import Book, Column, Styled, sheet_name
from xianjie.reports.model import RETURNED_FILE, SEVERITIES, Content, Lead, ReturnedRow, ReturnedSheet
from xianjie.reports.rows import Value
from xianjie.reports.words import Words

_WORKED_ON = 7  # columns of a returned sheet that go to paper; what was delivered stays on the screen


def write_leads(book: Book, content: Content, w: Words) -> None:
    """Leads, one a row, red first, with answer columns."""
    label = w.labels("leads")
    columns = [
        Column(label["number"], 5, "int"),
        Column(label["severity"], 6, "center"),
        Column(label["is_new"], 5, "new"),
        Column(label["rule"], 16, "wrap"),
        Column(label["town"], 11),
        Column(label["village"], 11),
        Column(label["household_no"], 18, "id"),
        Column(label["name"], 8, "center"),
        Column(label["evidence"], 38, "wrap"),
        Column(label["source"], 12, "wrap"),
        Column(label["first_seen"], 11, "date"),
        Column(label["due_on"], 11, "date"),
        Column(label["days_left"], 10, "center"),
        Column(label["result"], 13, "answer", "header_answer"),
        Column(label["note"], 18, "answer", "header_answer"),
        Column(label["by"], 13, "answer", "header_answer"),
    ]
    sheet, first, end = book.list_sheet(
        w("sheet.leads"),
        w("sheet.leads"),
        [w("about.leads"), w("how_to_answer")],
        columns,
        _lead_rows(content, w),
        freeze=3,
        colour="A61C1C",
        empty=w("no_rows"),
    )
    if end > first:
        choose(sheet, first, end, 13, w.get("lead_results"))


def _lead_rows(content: Content, w: Words) -> Iterator[list[Value | Styled]]:
    for number, lead in enumerate(content.leads, start=1):
        yield [
            number,
            Styled(w(f"severity.{lead.severity}"), lead.severity),
            w("new_mark") if lead.is_new else None,
            lead.rule_title,
            lead.town,
            lead.village,
            lead.household_no,
            lead.name_masked,
            lead.evidence,
            w.names([content.night.title_of(code) for code in lead.departments]),
            lead.first_seen,
            lead.due_on,
            days_left(lead, w),
            None,
            None,
            None,
        ]


def days_left(lead: Lead, w: Words) -> Styled:
    """Days until due; overdue ones say so in words."""
    days = lead.days_left
    if days is None:
        return Styled(None, "center")
    if days < 0:
        return Styled(w("overdue", days=-days), "red")
    return Styled(days, "orange" if days <= 1 else "center")


def write_matrix(book: Book, content: Content, w: Words) -> None:
    """Leads by township and severity, most urgent township first."""
    columns = [
        Column(w("matrix.town"), 20),
        *(Column(w(f"severity.{s}"), 10, "int") for s in SEVERITIES),
        Column(w("total"), 10, "int_bold"),
        Column(w("matrix.households"), 12, "int"),
        Column(w("matrix.new"), 12, "int"),
        Column(w("matrix.overdue"), 12, "int"),
    ]
    rows = matrix(content.leads)
    book.list_sheet(
        w("sheet.lead_matrix"),
        w("sheet.lead_matrix"),
        [w("about.lead_matrix")],
        columns,
        [*rows, _total(rows, w)] if rows else [],
        colour="A61C1C",
        empty=w("no_rows"),
    )


def matrix(leads: tuple[Lead, ...]) -> list[list[Value | Styled]]:
    """Township, one count a severity, total, households, new, overdue."""
    by_town: dict[str, list[Lead]] = defaultdict(list)
    for lead in leads:
        by_town[lead.town].append(lead)
    ranked = sorted(by_town.items(), key=lambda item: (*(-_of(item[1], s) for s in SEVERITIES), item[0]))
    return [
        [
            town,
            *(_of(mine, severity) for severity in SEVERITIES),
            len(mine),
            len({lead.household_no for lead in mine}),
            sum(lead.is_new for lead in mine),
            sum((lead.days_left or 0) < 0 for lead in mine),
        ]
        for town, mine in ranked
    ]


def _of(leads: list[Lead], severity: str) -> int:
    return sum(lead.severity == severity for lead in leads)


def _total(rows: list[list[Value | Styled]], w: Words) -> list[Value | Styled]:
    sums = [sum(cell for row in rows if isinstance(cell := row[i], int)) for i in range(1, len(rows[0]))]
    return [Styled(w("total"), "text_bold"), *(Styled(value, "int_bold") for value in sums)]


def returned_name(sheet: ReturnedSheet, w: Words) -> str:
    """The worksheet's name of a dataset's returned rows."""
    return sheet_name(f"{w('sheet.returned')} {sheet.code}")


def write_returned(book: Book, returned: ReturnedSheet, w: Words) -> None:
    """The returned rows of one dataset: where, what is wrong, how to mend it, what was delivered (masked).

    A list to read; what is filled in and sent back is the returned-rows workbook beside it.
    """
    label = w.labels("returned")
    columns = [
        Column(label["number"], 6, "int"),
        Column(label["file"], 22, "delivered"),
        Column(label["line"], 7, "int"),
        Column(label["key"], 18, "delivered"),
        Column(label["opened_on"], 11, "date"),
        Column(label["problem"], 28, "wrap"),
        Column(label["fix"], 38, "wrap"),
        *(
            Column(text, min(24, max(10, 2 * len(text) + 3)), "delivered", "header_own")
            for _, text in returned.columns
        ),
        Column(label["row_id"], 14, "handle", "header_own"),
    ]
    book.list_sheet(
        returned_name(returned, w),
        w("returned.title", title=returned.title, code=returned.code),
        [w("returned.where", file=RETURNED_FILE), label["original"]],
        columns,
        _returned_rows(returned),
        freeze=4,
        colour="C55A11",
        empty=w("no_rows"),
        printed=_WORKED_ON,
    )


def _returned_rows(returned: ReturnedSheet) -> Iterator[list[Value | Styled]]:
    names = [name for name, _ in returned.columns]
    for number, row in enumerate(returned.rows, start=1):
        bad = row.bad_fields
        yield [
            number,
            row.source_file,
            row.source_line,
            key_text(returned, row),
            row.opened_on,
            numbered([problem.title for problem in row.problems]),
            numbered([problem.fix for problem in row.problems]),
            *(
                Styled(row.original.get(n, ""), "delivered_bad") if n in bad else row.original.get(n, "")
                for n in names
            ),
            row.row_id,
        ]


def key_text(returned: ReturnedSheet, row: ReturnedRow) -> str:
    """The record's key in the department's own values (masked), e.g. ``****1234 / 2026-09``."""
    return " / ".join(row.original.get(name, "") or "—" for name in returned.key)


def numbered(lines: list[str]) -> str:
    """Several texts in one cell, numbered when there is more than one."""
    if len(lines) == 1:
        return lines[0]
    return "\n".join(f"{number}. {line}" for number, line in enumerate(lines, start=1))


def write_problems(book: Book, content: Content, w: Words) -> None:
    """The most frequent problems of open returned rows, by department."""
    label = w.labels("problems")
    columns = [
        Column(label["department"], 24),
        Column(label["dataset"], 12, "center"),
        Column(label["rule"], 30),
        Column(label["title"], 40, "wrap"),
        Column(label["fix"], 56, "wrap"),
        Column(label["rows"], 10, "int"),
    ]
    rows: list[list[Value | Styled]] = [
        [p.department_title, p.code, p.rule_id, p.title, p.fix, p.rows] for p in content.problems
    ]
    book.list_sheet(
        w("sheet.returned_summary"),
        w("sheet.returned_summary"),
        [w("about.returned_summary")],
        columns,
        rows,
        colour="C55A11",
        empty=w("no_rows"),
    )


def choose(sheet: Any, first: int, end: int, column: int, choices: list[str]) -> None:
    """A drop-down over the answer cells of one column."""
    sheet.data_validation(
        first, column, end - 1, column, {"validate": "list", "source": choices, "error_type": "warning"}
    )

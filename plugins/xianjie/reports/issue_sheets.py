"""The list of data problems for a department (RPT-L2), and its counts for the county's leaders."""

from __future__ import annotations

from collections.abc import Iterator

from xianjie.reports.book import Book, Column, Styled
from xianjie.reports.issues import LEVELS, Issue, issue_counts
from xianjie.reports.model import Content
from xianjie.reports.rows import Value
from xianjie.reports.words import Words

_COLOUR = "7F6000"


def write_issues(book: Book, content: Content, w: Words) -> None:
    """One finding a row: open ones first, most serious first, then those closed this month."""
    label = w.labels("issues")
    columns = [
        Column(label["number"], 6, "center"),
        Column(label["title"], 26, "wrap"),
        Column(label["level"], 6, "center"),
        Column(label["is_new"], 5, "new"),
        Column(label["town"], 11),
        Column(label["village"], 11),
        Column(label["household_no"], 18, "id"),
        Column(label["name"], 12, "wrap"),
        Column(label["department"], 16, "wrap"),
        Column(label["source"], 20, "wrap"),
        Column(label["evidence"], 34, "wrap"),
        Column(label["fix"], 36, "wrap"),
        Column(label["first_found_on"], 11, "date"),
        Column(label["due_on"], 11, "date"),
        Column(label["result"], 11, "center"),
        Column(label["handling"], 12, "center"),
        Column(label["closed_on"], 11, "date"),
    ]
    book.list_sheet(
        w("sheet.issues"),
        w("sheet.issues"),
        [w("about.issues")],
        columns,
        _rows(content, w),
        freeze=2,
        colour=_COLOUR,
        empty=w("no_rows"),
    )


def _rows(content: Content, w: Words) -> Iterator[list[Value | Styled]]:
    for number, issue in enumerate(content.issues, start=1):
        yield [
            number,
            f"{issue.check_id} {issue.title}",
            Styled(issue.level, "red" if issue.level == 1 else "center"),
            w("new_mark") if issue.is_new else None,
            issue.town,
            issue.village,
            issue.household_no,
            f"{issue.name_masked} {issue.id_masked}".strip(),
            content.night.title_of(issue.department),
            w.names(issue.senders),
            issue.evidence,
            issue.fix,
            issue.first_found_on,
            issue.due_on,
            w(f"issue_result.{issue.result or 'undecided'}"),
            handling(issue, w),
            issue.closed_on,
        ]


def handling(issue: Issue, w: Words) -> Styled:
    """Where a finding stands: to be handled, overdue, put right, or left as it is."""
    if issue.closed_reason:
        return Styled(w(f"issue_state.{issue.closed_reason}"), "center")
    if issue.is_overdue:
        return Styled(w("issue_state.overdue"), "red")
    return Styled(w("issue_state.open"), "center")


def write_issue_counts(book: Book, content: Content, w: Words) -> None:
    """Open findings by department and level."""
    columns = [
        Column(w("issues.department"), 26),
        *(Column(w("issue_level", level=level), 10, "int") for level in LEVELS),
        Column(w("total"), 10, "int_bold"),
        Column(w("issues.new"), 12, "int"),
        Column(w("issues.overdue"), 12, "int"),
    ]
    rows: list[list[Value | Styled]] = [
        [content.night.title_of(row.department), *row.by_level, row.total, row.new, row.overdue]
        for row in issue_counts(content.issues)
    ]
    book.list_sheet(
        w("sheet.issue_counts"),
        w("sheet.issue_counts"),
        [w("about.issue_counts")],
        columns,
        rows,
        colour=_COLOUR,
        empty=w("no_rows"),
    )

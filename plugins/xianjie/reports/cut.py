"""Cuts a county's night to what one recipient may see: its own rows, and nobody else's."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from xianjie.reports.model import SEVERITIES, Content, DatasetNight, Indicator, Lead, Night, Node, Recipient


def cut(night: Night, recipient: Recipient) -> Content:
    """The part of `night` that belongs to `recipient`.

    Leaders see every lead and count but no returned row; a department sees the leads that are routed to it
    or rest on its data, its own returned rows and its own indicators. Arrivals are everyone's to know.
    """
    if recipient.kind == "leaders":
        return Content(
            recipient,
            night,
            own=night.datasets,
            leads=_ordered(night.leads),
            rules=night.rules,
            returned=(),
            problems=night.problems,
            indicators=night.indicators,
            tree=night.tree,
            issues=night.issues,
            idle_checks=night.idle_checks,
        )
    me = recipient.code
    indicators = tuple(i for i in night.indicators if me == i.lead_department or me in i.departments)
    return Content(
        recipient,
        night,
        own=tuple(row for row in night.datasets if row.department == me),
        leads=_ordered(tuple(lead for lead in night.leads if me in lead.routed_to or me in lead.departments)),
        rules=tuple(rule for rule in night.rules if me in rule.departments),
        returned=tuple(sheet for sheet in night.returned if sheet.department == me),
        problems=tuple(problem for problem in night.problems if problem.department == me),
        indicators=indicators,
        tree=_nodes(night.tree, me, indicators),
        issues=tuple(issue for issue in night.issues if issue.department == me),
        idle_checks=tuple(check for check in night.idle_checks if check.department == me),
    )


def _ordered(leads: tuple[Lead, ...]) -> tuple[Lead, ...]:
    """Red first, then what is due first, then by place."""
    return tuple(
        sorted(
            leads,
            key=lambda lead: (
                SEVERITIES.index(lead.severity),
                (lead.due_on is None, lead.due_on or lead.first_seen),
                lead.town,
                lead.village,
                lead.household_no,
                lead.rule_id,
                lead.evidence,
            ),
        )
    )


def _nodes(tree: tuple[Node, ...], department: str, indicators: tuple[Indicator, ...]) -> tuple[Node, ...]:
    codes = {indicator.code for indicator in indicators}
    return tuple(
        node
        for node in tree
        if node.lead == department or department in node.support or codes.intersection(node.indicators)
    )


def counts(content: Content) -> dict[str, int]:
    """The figures of the cover, the mail and the manifest."""
    leads, returned = content.leads, _returned_counts(content)
    return {
        "datasets_due": sum(row.is_due for row in content.own),
        "datasets_arrived": sum(row.is_arrived for row in content.own),
        "datasets_not_taken": sum(row.is_not_taken for row in content.own),
        "leads": len(leads),
        **{f"leads_{severity}": sum(lead.severity == severity for lead in leads) for severity in SEVERITIES},
        "leads_new": sum(lead.is_new for lead in leads),
        "leads_overdue": sum((lead.days_left or 0) < 0 for lead in leads),
        **returned,
        "issues": sum(issue.is_open for issue in content.issues),
        "issues_serious": sum(issue.is_open and issue.level == 1 for issue in content.issues),
        "indicators_red": sum(i.light == "red" for i in content.indicators),
        "indicators_yellow": sum(i.light == "yellow" for i in content.indicators),
    }


def _returned_counts(content: Content) -> dict[str, int]:
    if content.recipient.kind == "leaders":
        return {
            "returned_rows": sum(row.open_returned for row in content.own),
            "returned_new": sum(row.returned_new for row in content.own),
        }
    rows = [row for sheet in content.returned for row in sheet.rows]
    new = sum(row.opened_on == content.night.business_date for row in rows)
    return {"returned_rows": len(rows), "returned_new": new}


def states(content: Content) -> dict[str, str]:
    """Each dataset's outcome by ``department.dataset``: what an update is compared with."""
    return {f"{row.department}.{row.dataset}": row.outcome for row in content.night.datasets}


def needs_action(content: Content) -> tuple[DatasetNight, ...]:
    """The recipient's datasets to deliver or to deliver again."""
    return tuple(row for row in content.own if row.is_missing or row.is_not_taken)


def fingerprint(content: Content) -> str:
    """SHA-256 over all that the pack says; the clock time of an arrival does not count.

    A delivery pulled again with the same rows is thus the same edition.
    """
    night = content.night
    said = (
        content.recipient.code,
        content.recipient.title,
        night.county,
        night.business_date,
        night.slogans,
        tuple(sorted(states(content).items())),
        night.missing,
        tuple(replace(row, arrived_at=None) for row in content.own),
        content.leads,
        content.rules,
        content.problems,
        content.indicators,
        content.tree,
        content.issues,
        content.idle_checks,
    )
    digest = hashlib.sha256(repr(said).encode())
    for sheet in content.returned:
        digest.update(repr((sheet.code, sheet.title, sheet.columns)).encode())
        for row in sheet.rows:
            digest.update(repr(row).encode())
    return digest.hexdigest()

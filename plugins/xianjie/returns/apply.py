"""Taking a returned workbook in: each answer matched, delivered, judged, merged, and its outcome told.

Everything that was written is found again: a run that was killed at any moment and started again with the same
file goes on where it was and ends the same.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sqlalchemy import text

from xianjie import warehouse
from xianjie.database.engine import transaction
from xianjie.database.migrate import script
from xianjie.landing import sha256_of
from xianjie.returns.deliver import deliver
from xianjie.returns.errors import ReturnsError
from xianjie.returns.items import find
from xianjie.returns.match import contract_of, match
from xianjie.returns.model import Answer, Outcome, Workbook
from xianjie.returns.outcomes import settled
from xianjie.returns.plan import Taken, plan
from xianjie.returns.run import Run, Source, begin, finish, one_at_a_time
from xianjie.settings import settings
from xianjie.validation.quarantine import note_merged


def apply(
    workbook: Workbook,
    path: Path,
    *,
    channel: str,
    business_date: dt.date,
    by: str | None,
    was_told: bool | None = None,
) -> tuple[Outcome, ...]:
    """Takes the answers of a returned workbook in; one outcome for each, in the order of the workbook.

    Each dataset's answers are one delivery of origin ``returns`` for the business date (or for the last one
    that was merged, when that is later), merged at once. The same file again does nothing.

    Args:
        path: the file as it came; it is kept with the delivery.
        channel: how it came (``sftp``, ``board``, ``mail``, …).
        by: who handed it in, if that is known.
        was_told: whether the office knows already what this very file came to; by default it does when the file
            was finished before. A run that was killed before its answer went out has to tell it anew.

    Raises:
        ReturnsError: answers were taken in but not merged. Running it again goes on from there.
    """
    source = Source(sha256_of(path), path.name, path, channel, by, workbook.department, workbook.workbook_id)
    return take(source, workbook.answers, business_date, was_told=was_told)


def take(
    source: Source, answers: Sequence[Answer], business_date: dt.date, *, was_told: bool | None = None
) -> tuple[Outcome, ...]:
    """Takes answers in, wherever they come from; see `apply`."""
    county = settings().county_code
    with one_at_a_time(county):
        run = begin(source, county, business_date, len(answers))
        with transaction() as connection:
            matched = match(connection, run, answers)
        found = list(matched.outcomes)
        told = [(answer, row_id) for answer, row_id in matched.told]
        for (contract_id, version), wanted in sorted(matched.wanted.items()):
            left, landed = _deliver(run, contract_id, version, wanted)
            found += left
            told += landed
        _merge(run)
        found += _told(run, told, is_new=not (run.is_repeated if was_told is None else was_told))
        finish(run)
    return _in_order(answers, found)


def _deliver(
    run: Run, contract_id: str, version: str, wanted: Sequence[Taken]
) -> tuple[list[Outcome], list[tuple[Answer, uuid.UUID]]]:
    """Delivers the answers to one dataset; returns the outcomes of those left and the items of the others."""
    with transaction() as connection:
        contract = contract_of(connection, contract_id, version)
        who = {"county": run.county_code, "department": contract.department, "dataset": contract.dataset}
        latest = connection.scalar(text(script("quality", "latest_merged.sql")), who)
        run = replace(run, business_date=max(filter(None, (run.business_date, latest))))
        planned = plan(connection, run, contract, wanted)
    deliver(run, planned)
    landed = [(link.taken.answer, link.taken.item.row_id) for link in planned.links]
    return [each for _, each in planned.left], landed


def _merge(run: Run) -> None:
    """Merges what this file's answers were landed as, also what an earlier, killed run had landed."""
    for day in _unmerged(run):
        try:
            warehouse.run_night(day, run.county_code)
        except warehouse.NightError:
            if day in _unmerged(run):
                raise ReturnsError(
                    "更正已校验，尚未入库",
                    data="更正已留存，原数据未改动",
                    next_command=f"xianjie night run --date {day} --from warehouse",
                ) from None
    with transaction() as connection:
        note_merged(connection, run.county_code)


def _unmerged(run: Run) -> list[dt.date]:
    with transaction() as connection:
        rows = connection.execute(
            text(script("quality", "unmerged_answers.sql")),
            {"county": run.county_code, "sha256": run.source.file_sha256},
        )
        return [row.business_date for row in rows]


def _told(run: Run, told: Sequence[tuple[Answer, uuid.UUID]], *, is_new: bool) -> list[Outcome]:
    """The outcomes of landed answers, as the database has them now."""
    with transaction() as connection:
        items = find(connection, run.county_code, [row_id for _, row_id in told])
        return [
            settled(connection, run.county_code, answer, items[row_id], is_new=is_new)
            for answer, row_id in told
        ]


def _in_order(answers: Sequence[Answer], found: Sequence[Outcome]) -> tuple[Outcome, ...]:
    """One outcome for each answer, in the order of the workbook."""
    by_place: dict[tuple[uuid.UUID, str, int], list[Outcome]] = {}
    for each in found:
        by_place.setdefault((each.row_id, each.sheet, each.line), []).append(each)
    return tuple(by_place[answer.row_id, answer.sheet, answer.line].pop(0) for answer in answers)

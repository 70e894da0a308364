"""Which edition of a pack this is, kept in ``reports.pack``: same content, same edition, no second mail."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, text

from xianjie.database.engine import Role, transaction
from xianjie.dates import now
from xianjie.reports.cut import counts, fingerprint, states
from xianjie.reports.model import ARRIVED, Content, Edition, Pack, PackFile
from xianjie.reports.words import Words

_LATEST = text("""
    select revision, fingerprint, counts, changes, files
    from reports.pack
    where county_code = :county and business_date = :day and recipient = :recipient
    order by revision desc limit 1
""")
_RECORD = text("""
    insert into reports.pack
    values (:county, :day, :recipient, :revision, :fingerprint, cast(:counts as jsonb), :missing,
            cast(:changes as jsonb), cast(:files as jsonb), :built_at)
    on conflict (county_code, business_date, recipient, revision) do update
    set files = excluded.files, built_at = excluded.built_at
""")


@contextmanager
def alone(what: str, business_date: dt.date, county: str) -> Iterator[None]:
    """Waits until nobody else does `what` for this county and date; a killed holder lets go by itself."""
    with transaction(Role.PIPELINE) as connection:
        name = f"reports.{what}.{county}.{business_date}"
        connection.execute(text("select pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})
        yield


@dataclass(frozen=True)
class Known:
    """The latest edition on record: its content's fingerprint, figures and files."""

    edition: Edition
    fingerprint: str
    counts: dict[str, int]
    states: dict[str, str]
    files: tuple[PackFile, ...]


def latest(connection: Connection, county: str, day: dt.date, recipient: str) -> Known | None:
    """The last edition of a recipient's pack, or None before the first."""
    row = connection.execute(_LATEST, {"county": county, "day": day, "recipient": recipient}).one_or_none()
    if row is None:
        return None
    said = dict(row.counts)
    outcomes = said.pop("states", {})
    files = tuple(PackFile(**item) for item in row.files)
    return Known(Edition(row.revision, tuple(row.changes)), row.fingerprint, said, outcomes, files)


def edition_of(content: Content, known: Known | None, w: Words) -> Edition:
    """The edition `content` is printed as: the known one when nothing changed, else the next."""
    if known is None:
        return Edition()
    if known.fingerprint == fingerprint(content):
        return known.edition
    return Edition(known.edition.revision + 1, tuple(changes(content, known, w)))


def changes(content: Content, known: Known, w: Words) -> list[str]:
    """What differs from the last edition, in words a clerk would use."""
    found = []
    for row in content.night.datasets:
        before = known.states.get(f"{row.department}.{row.dataset}", "pending")
        if before == row.outcome:
            continue
        names = {"name": row.department_title, "dataset": f"{row.title}（{row.code}）"}
        if row.outcome == "accepted" and before not in {*ARRIVED, "not_due"}:
            found.append(w("changes.arrived", **names))
        else:
            words_of = {"before": w(f"outcome.{before}"), "after": w(f"outcome.{row.outcome}")}
            found.append(w("changes.outcome", **names, **words_of))
    after = counts(content)
    for key, label in (("leads", "leads"), ("returned_rows", "returned")):
        if known.counts.get(key) != after[key]:
            found.append(w(f"changes.{label}", before=known.counts.get(key), after=after[key]))
    return found or [w("changes.content")]


def record(connection: Connection, content: Content, pack: Pack) -> None:
    """Keeps an edition; recording the same one again only renews its files."""
    night = content.night
    values: dict[str, Any] = {
        "county": night.county_code,
        "day": night.business_date,
        "recipient": pack.recipient,
        "revision": pack.revision,
        "fingerprint": fingerprint(content),
        "missing": list(pack.missing_departments),
        "counts": json.dumps({**pack.counts, "states": states(content)}),
        "changes": json.dumps(pack.changes, ensure_ascii=False),
        "files": json.dumps([asdict(file) for file in pack.files], ensure_ascii=False),
        "built_at": now(),
    }
    connection.execute(_RECORD, values)

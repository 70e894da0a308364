"""Profile (概貌): one delivery as a whole, in numbers, beside the dataset's own history."""

from __future__ import annotations

import datetime as dt
import statistics
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, text

from xianjie.contract.model import Contract, Field, Tolerances
from xianjie.database.migrate import script
from xianjie.landing import Delivery, Diff
from xianjie.privacy import redact
from xianjie.validation import drift, freshness
from xianjie.validation.drift import Change, Share
from xianjie.validation.freshness import Freshness
from xianjie.validation.policy import Policy
from xianjie.validation.sieve import Sieved

_SHOWN = 5
_SHOWN_LENGTH = 20


@dataclass(frozen=True)
class Past:
    """What earlier accepted deliveries of the dataset say.

    `rows` are those of full deliveries, newest first, back to the last one a person approved: a level that
    somebody confirmed is where the band starts anew. `columns_missing`, `forms` (of dates, by field) and
    `sha256` are the last delivery's. `same_since` is the date since which every delivery had the content that
    is judged now; `usual_pct` the median share of rows that broke a rule, by rule id.
    """

    rows: tuple[int, ...] = ()
    columns_missing: tuple[str, ...] | None = None
    sha256: str | None = None
    forms: Mapping[str, str] = field(default_factory=dict)
    same_since: dt.date | None = None
    usual_pct: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Columns:
    """The delivered columns, by label.

    `present` are those the contract knows; `required` must be there; `kept` are optional ones of drift policy
    ``freeze`` that the last accepted delivery had, so that losing one needs a person's word. `extra` are
    printable names of undeclared columns, `guess` says which of them may be a renamed one.
    """

    present: tuple[str, ...]
    required: tuple[str, ...]
    kept: tuple[str, ...]
    extra: tuple[str, ...]
    extra_count: int
    guess: str


@dataclass(frozen=True)
class Profile:
    """The numbers a delivery is judged by; percentages are of 0–100, null without anything to compare."""

    mode: str
    rows: int
    landed: int
    unchanged: int
    changed: int
    accepted: int
    quarantined: int
    invalid: int
    valid_pct: float
    unique_pct: float
    previous_rows: int | None
    drop_pct: float | None
    growth_pct: float | None
    history: int
    band_low: float | None
    band_high: float | None
    columns: Columns
    is_same: bool
    freshness: Freshness
    codes: tuple[Share, ...]
    forms: Mapping[str, str]
    changes: tuple[Change, ...]


def past(connection: Connection, contract: Contract, delivery: Delivery, policy: Policy) -> Past:
    """The history of a dataset before a delivery's date, from ``ops.delivery`` and ``quality.profile``."""
    query = text(script("quality", "accepted_history.sql"))
    who = {
        "county": delivery.county_code,
        "department": contract.department,
        "dataset": contract.dataset,
        "before": delivery.business_date,
    }
    depth = {"nights": policy.history_nights, "least": policy.history_least}
    full = connection.execute(query, {**who, **depth, "modes": ["full"]}).all()
    every = {**who, "nights": 0, "least": 1, "modes": ["full", "delta"]}
    last = connection.execute(query, every).one_or_none()
    since = connection.execute(text(script("quality", "same_since.sql")), {**who, "sha256": delivery.sha256})
    approved = next((n for n, row in enumerate(full) if row.is_decided), len(full) - 1)
    return Past(
        rows=tuple(row.landed_rows for row in full[: approved + 1]),
        columns_missing=tuple(last.columns_missing) if last else None,
        sha256=last.sha256 if last else None,
        forms=last.formats if last else {},
        same_since=since.scalar() if delivery.rows else None,
        usual_pct=_usual(connection, contract, {**who, **depth, "min_rows": policy.min_sample_rows}),
    )


def _usual(connection: Connection, contract: Contract, who: Mapping[str, object]) -> dict[str, float]:
    query = text(script("quality", "usual_shares.sql"))
    rows = connection.execute(query, {**who, "rules": drift.rule_ids(contract)})
    return {row.rule_id: row.usual_pct for row in rows}


def profile(
    contract: Contract, delivery: Delivery, diff: Diff, sieved: Sieved, *, history: Past, policy: Policy
) -> Profile:
    """The numbers of one delivery; rows are compared in mode ``full`` only."""
    rows, is_full = delivery.rows, delivery.mode == "full"
    found = columns(contract, delivery, history)
    codes, types = (
        drift.shares(contract, problem, sieved, history.usual_pct) for problem in ("code", "type")
    )
    forms = drift.forms(contract, delivery, policy.changed_rows_cap)
    seen = drift.Seen(codes, types, history.forms, forms, found.extra)
    previous = history.rows[0] if is_full and history.rows else None
    low, high = band(history.rows, contract.tolerances) if is_full else (None, None)
    return Profile(
        mode=delivery.mode,
        rows=rows,
        landed=rows,
        unchanged=diff.unchanged,
        changed=sieved.accepted_rows + sieved.quarantined_rows,
        accepted=sieved.accepted_rows,
        quarantined=sieved.quarantined_rows,
        invalid=sieved.quarantined_rows,
        valid_pct=_pct(rows - sieved.quarantined_rows, rows),
        unique_pct=_pct(rows - diff.duplicate, rows),
        previous_rows=previous,
        drop_pct=None if not previous else max(0.0, 100.0 - _pct(rows, previous)),
        growth_pct=None if not previous else max(0.0, _pct(rows, previous) - 100.0),
        history=len(history.rows),
        band_low=low,
        band_high=high,
        columns=found,
        is_same=bool(rows) and history.sha256 == delivery.sha256,
        freshness=freshness.freshness(contract, delivery, history.same_since, policy),
        codes=codes,
        forms={**history.forms, **forms},
        changes=drift.changes(contract, delivery, sieved, seen, policy),
    )


def columns(contract: Contract, delivery: Delivery, history: Past) -> Columns:
    """What is to be said of a delivery's columns; nothing is missing from a delivery without rows."""
    gone = set(delivery.columns_missing) if delivery.rows else set()
    before = set(history.columns_missing or ()) if history.columns_missing is not None else None
    required = tuple(f for f in contract.fields if f.required or f.name in contract.key)
    kept = tuple(
        f
        for f in contract.fields
        if f not in required and f.drift == "freeze" and before is not None and f.name not in before
    )
    away = tuple(f for f in (*required, *kept) if f.name in gone)
    printable = shown(tuple(delivery.columns_unknown), len(contract.fields) - len(gone), len(contract.fields))
    return Columns(
        present=tuple(f.label for f in contract.fields if f.name not in gone),
        required=tuple(f.label for f in required),
        kept=tuple(f.label for f in kept),
        extra=printable,
        extra_count=len(delivery.columns_unknown),
        guess=guess(delivery, away, printable),
    )


def _pct(part: int, whole: int) -> float:
    return 100.0 * part / whole if whole else 100.0


def band(rows: tuple[int, ...], tolerances: Tolerances) -> tuple[float, float] | tuple[None, None]:
    """The range of row counts taken for normal: the tolerances around the history's median."""
    if len(rows) < 2:
        return None, None
    middle = statistics.median(rows)
    return middle * (1 - tolerances.hold_drop_pct / 100), middle * (1 + tolerances.hold_growth_pct / 100)


def shown(names: tuple[str, ...], known: int, declared: int) -> tuple[str, ...]:
    """Undeclared column names that may be printed.

    A file without a header line has a row of data where names should be; so names are printed only when at
    least half of the declared columns were recognised, and then without anything like an ID number.
    """
    if known * 2 < declared:
        return ()
    return tuple(redact(name)[:_SHOWN_LENGTH] for name in names[:_SHOWN])


def guess(delivery: Delivery, fields: tuple[Field, ...], printable: tuple[str, ...]) -> str:
    """``；“所在年级”可能是“年级”改了名``, for each missing field that an undeclared column resembles."""
    labels = {field.name: field.label for field in fields}
    pairs = [(labels[name], header) for name, header in delivery.columns_renamed if name in labels]
    said = [f"“{header}”可能是“{label}”改了名" for label, header in pairs if header in printable]
    return "；" + "，".join(said) if said else ""

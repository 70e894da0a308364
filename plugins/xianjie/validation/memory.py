"""What people have said about single rows: rules lifted for a record, contents that are not to come again.

Everything here depends on a delivery's place in time only, never on the state of an item, so that judging a
delivery again gives the same.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, text

from xianjie.database.migrate import script
from xianjie.landing import Delivery, Held

Content = tuple[uuid.UUID, uuid.UUID]
"""(record_key, row_hash)."""


@dataclass(frozen=True)
class Known:
    """What counts for one delivery.

    `lifted` names the rules that a waiver (情况属实) lifts, by record; `settled` are contents that an office has
    corrected or struck out; `held` are corrected records whose old row comes under another key.
    """

    lifted: Mapping[uuid.UUID, frozenset[str]] = field(default_factory=dict)
    settled: tuple[Content, ...] = ()
    held: tuple[Held, ...] = ()


NOTHING = Known()


def known(connection: Connection, delivery: Delivery) -> Known:
    """What was said of the dataset's rows before `delivery`.

    An office's own answers are never asked whether they come again: it says so itself.
    """
    who = {
        "county": delivery.county_code,
        "department": delivery.department,
        "dataset": delivery.dataset,
        "business_date": delivery.business_date,
        "landed_at": delivery.landed_at,
    }
    settled = connection.execute(text(script("quality", "settled_content.sql")), who).all()
    lifted: dict[uuid.UUID, frozenset[str]] = {}
    for row in connection.execute(text(script("quality", "waivers_in_force.sql")), who):
        lifted[row.record_key] = lifted.get(row.record_key, frozenset()) | frozenset(row.rule_ids)
    return Known(
        lifted,
        () if delivery.origin == "returns" else tuple((row.record_key, row.row_hash) for row in settled),
        tuple(
            Held(row.record_key, row.row_hash, row.new_key, row.new_hash)
            for row in settled
            if row.new_op == "U" and row.new_key != row.record_key
        ),
    )

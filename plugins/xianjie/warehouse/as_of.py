"""The two questions every query can ask: as of which day, as known at which moment."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Connection, text

from xianjie.dates import at

_SET = text(
    "select set_config('xianjie.business_date', :day, true), set_config('xianjie.known_on', :moment, true)"
)


def as_of(
    connection: Connection, business_date: dt.date | None, known_on: dt.date | dt.datetime | None = None
) -> None:
    """Sets, for this transaction, what the views of ``facts`` show.

    Args:
        business_date: the state on that day; null for the latest.
        known_on: as the warehouse knew it at that moment (a date: at its end, Shanghai time); null for all
            that is known now.
    """
    if known_on is not None and not isinstance(known_on, dt.datetime):
        known_on = at(known_on, dt.time.max)
    connection.execute(
        _SET,
        {
            "day": business_date.isoformat() if business_date else "",
            "moment": known_on.isoformat() if known_on else "",
        },
    )

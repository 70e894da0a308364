"""What time ends (到期): items nobody answered, and waivers. Part of every night, after the merge."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text

from xianjie import warehouse
from xianjie.contract.catalogue import catalogue
from xianjie.database.engine import transaction
from xianjie.database.migrate import script
from xianjie.returns.replaying import replay_records
from xianjie.returns.run import one_at_a_time
from xianjie.settings import settings
from xianjie.validation.quarantine import note_merged
from xianjie.validation.terms import terms


@dataclass(frozen=True)
class Expired:
    """Items that waited too long, waivers that ended, and rows of those that are to be mended again."""

    items: int
    waivers: int
    reopened: int


def expire(business_date: dt.date) -> Expired:
    """Ends what ran out by `business_date`; running it again does nothing.

    The row of a waiver that ended is judged again: unless it is good by now its item is open again, and the
    warehouse keeps it as the last that was taken in.
    """
    county = settings().county_code
    with one_at_a_time(county):
        with transaction() as connection:
            note_merged(connection, county)
            items = sum(
                connection.execute(
                    text(script("quality", "expire_items.sql").replace("$table", table)),
                    {"county": county, "on": business_date, "days": terms().expire_after_days},
                ).rowcount
                for table in ("quarantined_row", "warned_row")
            )
            ended = connection.execute(
                text(script("quality", "ended_waivers.sql")), {"county": county, "on": business_date}
            ).all()
        records: defaultdict[str, set[UUID]] = defaultdict(set)
        for row in ended:
            records[f"{row.department}.{row.dataset}"].add(row.record_key)
        found = [replay_records(catalogue().get(name), business_date, keys) for name, keys in records.items()]
        for day in sorted({each.on for each in found if each.delivery_id}):
            warehouse.run_night(day, county)
        _note(county, [row.waiver_id for row in ended], business_date)
    return Expired(items, len(ended), sum(each.quarantined for each in found))


def _note(county: str, waivers: list[UUID], on: dt.date) -> None:
    with transaction() as connection:
        note_merged(connection, county)
        connection.execute(
            text(
                "update quality.waiver set ended_on = :on, ended_by = coalesce(ended_by, 'expiry')"
                " where county_code = :county and waiver_id = any(:waivers)"
            ),
            {"county": county, "on": on, "waivers": waivers},
        )

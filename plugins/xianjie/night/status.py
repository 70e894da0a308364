"""How far a night came, dataset by dataset, from what the stages wrote in ``ops``."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import text

from xianjie.database.engine import Role, transaction

_DATASETS = text("""
with last_receipt as (
    select distinct on (department, dataset) department, dataset, outcome, error_code, reason, delivery_id
    from ops.receipt
    where county_code = :county and business_date = :day
    order by department, dataset, started_at desc
)
select
    coalesce(c.department, r.department) as department,
    coalesce(c.dataset, r.dataset) as dataset,
    r.outcome as pulled,
    d.verdict,
    c.outcome as concluded,
    coalesce(c.error_code, d.verdict_code, r.error_code) as code,
    coalesce(c.reason, d.verdict_reason, r.reason) as reason,
    coalesce(c.delivery_id, r.delivery_id) as delivery_id
from last_receipt as r
full join (
    select * from ops.conclusion where county_code = :county and business_date = :day
) as c using (department, dataset)
left join ops.delivery as d on d.delivery_id = coalesce(c.delivery_id, r.delivery_id)
order by 1, 2
""")


_LATEST = text("select max(business_date) from ops.receipt where county_code = :county")


def latest(county_code: str) -> dt.date | None:
    """The latest business date anything was pulled for; None when nothing ever was."""
    with transaction(Role.READER) as connection:
        found: dt.date | None = connection.execute(_LATEST, {"county": county_code}).scalar()
    return found


def datasets(business_date: dt.date, county_code: str) -> list[dict[str, Any]]:
    """One row a dataset: department, dataset, pulled, verdict, concluded, code, reason, delivery_id."""
    with transaction(Role.READER) as connection:
        rows = connection.execute(_DATASETS, {"county": county_code, "day": business_date}).mappings()
        return [dict(row) for row in rows]

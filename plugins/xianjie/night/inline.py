"""A night in one process, without a scheduler: the same steps, one after the other.

Watermarks come from the receipts of accepted deliveries instead of Airflow's asset state store.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from sqlalchemy import text

from xianjie.contract.catalogue import catalogue
from xianjie.database.engine import transaction
from xianjie.errors import XianjieError
from xianjie.night import steps
from xianjie.settings import settings

_WATERMARK = text("""
select r.window_to
from ops.receipt as r
inner join ops.conclusion as c on c.delivery_id = r.delivery_id and c.outcome = 'accepted'
where
    r.county_code = :county and r.department = :department and r.dataset = :dataset
    and r.business_date < :day and r.window_to is not null
order by r.business_date desc, r.finished_at desc
limit 1
""")
_AFTER_INTAKE: tuple[tuple[str, str, Callable[[dt.date], dict[str, Any]]], ...] = (
    ("warehouse", "merge", steps.merge),
    ("warehouse", "reconcile", steps.reconcile),
    ("monitoring", "compare", steps.compare),
    ("monitoring", "watch", steps.watch),
    ("accountability", "measure", steps.measure),
    ("accountability", "pack", steps.pack),
    ("accountability", "send", steps.send),
    ("accountability", "hand_out", steps.hand_out),
)
_ORDER = ("intake", "warehouse", "monitoring", "accountability")


def run(business_date: dt.date, departments: list[str], start: str = "intake") -> list[dict[str, Any]]:
    """Runs a night; one dictionary a step: ``{"step", "result", "seconds", "error"}``.

    A pull that fails costs its own dataset only; a later step that fails ends the run.
    """
    results: list[dict[str, Any]] = []
    if start == "intake":
        for department in departments:
            results += _intake(department, business_date)
    for stage, name, step in _AFTER_INTAKE:
        if _ORDER.index(stage) >= _ORDER.index(start):
            results.append(_timed(f"{stage}.{name}", partial(step, business_date)))
            if results[-1]["error"]:
                break
    return results


def watermark(contract_id: str, business_date: dt.date) -> str | None:
    """Where the last accepted delivery before `business_date` ended; None means from the beginning."""
    department, dataset = contract_id.split(".")
    values = {
        "county": settings().county_code,
        "department": department,
        "dataset": dataset,
        "day": business_date,
    }
    with transaction() as connection:
        found: str | None = connection.execute(_WATERMARK, values).scalar()
    return found


def _intake(department: str, day: dt.date) -> list[dict[str, Any]]:
    pulls = [
        _timed(f"pull {contract.id}", partial(_pull, contract.id, day))
        for contract in catalogue().by_department()[department]
    ]
    return [
        *pulls,
        _timed(f"check {department}", lambda: steps.check(department, day)),
        _timed(f"conclude {department}", lambda: steps.conclude(department, day, is_together=True)),
    ]


def _pull(contract_id: str, business_date: dt.date) -> dict[str, Any]:
    return steps.pull(contract_id, business_date, watermark(contract_id, business_date))


def _timed(name: str, step: Callable[[], Mapping[str, Any]]) -> dict[str, Any]:
    begun, result, error = time.monotonic(), None, None
    try:
        result = step()
    except XianjieError as failure:
        error = str(failure)
    return {"step": name, "result": result, "seconds": round(time.monotonic() - begun, 2), "error": error}

"""What the night brought, dataset by dataset: who is missing, and whose data has never come."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from xianjie.contract.catalogue import catalogue
from xianjie.warehouse.questions.params import bound

OUTCOMES = {
    "held": "已到待审",
    "refused": "已退回",
    "absent": "未报送",
    "failed": "读取失败",
    None: "未报送",
}
_CURRENT = ("accepted", "empty", "not_due")

_NIGHT = """
select
    b.department || '.' || b.dataset as dataset,
    max(b.business_date) as last_on,
    null as outcome
from ops.diff_base as b
where b.county_code = :county_code and b.business_date <= :business_date
group by b.department, b.dataset
union all
select
    c.department || '.' || c.dataset,
    null,
    c.outcome
from ops.conclusion as c
where c.county_code = :county_code and c.business_date = :business_date
"""


@dataclass(frozen=True)
class Arrival:
    """One dataset on one business date; `last_on` is the date of the newest data merged."""

    dataset: str
    department: str
    title: str
    department_title: str
    outcome: str | None
    last_on: dt.date | None

    @property
    def is_missing(self) -> bool:
        """Nothing that can be believed came tonight, although something was owed."""
        return self.outcome not in _CURRENT

    @property
    def sentence(self) -> str:
        """Why a result is partial, in Chinese."""
        state = OUTCOMES.get(self.outcome, "未报送")
        known = f"沿用 {self.last_on} 的数据" if self.last_on else "此前从未报送"
        return f"{self.department_title}《{self.title}》{state}，{known}"


def arrivals(connection: Connection, county_code: str, business_date: dt.date) -> dict[str, Arrival]:
    """Every active dataset of the catalogue with what became of it on a business date."""
    keys = {"county_code": county_code, "business_date": business_date}
    rows = connection.execute(bound(_NIGHT, keys)).all()
    outcome = {row.dataset: row.outcome for row in rows if row.outcome is not None}
    last_on = {row.dataset: row.last_on for row in rows if row.last_on is not None}
    return {
        c.id: Arrival(c.id, c.department, c.title, c.department_title, outcome.get(c.id), last_on.get(c.id))
        for c in catalogue().active()
    }


def missing(night: dict[str, Arrival], datasets: Iterable[str]) -> list[Arrival]:
    """Those of `datasets` that did not come tonight."""
    return [night[name] for name in datasets if name in night and night[name].is_missing]


def never_came(night: dict[str, Arrival], datasets: Iterable[str]) -> list[Arrival]:
    """Those of `datasets` that the warehouse has no data of at all."""
    return [night[name] for name in datasets if name in night and night[name].last_on is None]

"""Evidence rows of an indicator, a history by business date; asking twice leaves the same rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from xianjie.accountability.indicators import Indicator
from xianjie.warehouse.questions.params import bound
from xianjie.warehouse.questions.readers import Answer

TABLE, FOUND = "accountability.evidence", "evidence_found"

# In the order of the temporary table, of which COPY moves whole rows.
_COLUMNS = (
    "county_code, indicator, valid_from, entity_kind, entity_id, household_id, village_code, numerator, "
    "denominator, dataset, record_key, delivery_id, source_row"
)

_TABLE = """
create temporary table if not exists evidence_found (
    county_code text, indicator text, valid_from date, entity_kind text, entity_id text, household_id text,
    village_code text, numerator numeric, denominator numeric, dataset text, record_key uuid,
    delivery_id text, source_row bigint
) on commit drop
"""

_FIND = """
insert into evidence_found
with answer as (
{query}
)

select
    :county_code,
    :indicator,
    :business_date,
    a.entity_kind,
    a.entity_id,
    a.household_id,
    a.village_code,
    a.numerator,
    a.denominator,
    a.dataset,
    a.record_key,
    a.delivery_id,
    a.source_row
from answer as a
"""

_IN_SCOPE = "and e.household_id in (select v.household_id from evaluated as v)"

# What this date or a later one had decided is taken back first, so that a date can be run again at any time.
_RECORD = (
    """
delete from accountability.evidence as e
where e.county_code = :county_code and e.indicator = :indicator and e.valid_from >= :business_date {in_scope}
""",
    """
update accountability.evidence as e
set valid_to = 'infinity'
where e.county_code = :county_code and e.indicator = :indicator
    and e.valid_to >= :business_date and e.valid_to < 'infinity' {in_scope}
""",
    """
update accountability.evidence as e
set valid_to = :business_date
where e.county_code = :county_code and e.indicator = :indicator and e.valid_to = 'infinity' {in_scope}
    and not exists (select 1 from evidence_found as f where {same})
""",
    """
insert into accountability.evidence ({columns})
select {columns}
from evidence_found as f
where not exists (
    select 1 from accountability.evidence as e
    where e.county_code = :county_code and e.indicator = :indicator and e.valid_to = 'infinity' and {same}
)
""",
)

# household_id first and with "=": it leads the index. County evidence has none and is small.
_SAME = """
    {household} and f.entity_kind = e.entity_kind and f.entity_id = e.entity_id
    and (f.village_code, f.numerator, f.denominator, f.record_key, f.delivery_id, f.source_row)
    is not distinct from
    (e.village_code, e.numerator, e.denominator, e.record_key, e.delivery_id, e.source_row)
"""


@dataclass(frozen=True)
class Question:
    """An indicator asked for one county and date; `is_full` asks for everyone."""

    indicator: Indicator
    county_code: str
    business_date: dt.date
    params: Mapping[str, Any]
    is_full: bool

    @property
    def keys(self) -> dict[str, Any]:
        """The binds that name this question."""
        return {
            "county_code": self.county_code,
            "business_date": self.business_date,
            "indicator": self.indicator.id,
            "evidence": self.indicator.evidence,
        }

    def values(self) -> dict[str, Any]:
        """The binds the indicator's query may use."""
        return {**self.params, **self.keys}


def prepare(connection: Connection) -> None:
    """Creates the temporary table of this transaction."""
    connection.execute(text(_TABLE))


def find(connection: Connection, question: Question) -> str | None:
    """Fills ``evidence_found``; returns None, or the SQLSTATE of a query that does not run."""
    connection.execute(text(f"truncate {FOUND}"))
    # The planner takes the join of a log with its history for a handful of rows, whatever their size: it
    # would look up everyone one by one.
    connection.execute(text(f"set local enable_nestloop = {'off' if question.is_full else 'on'}"))
    try:
        with connection.begin_nested():
            connection.execute(bound(_FIND.format(query=question.indicator.query), question.values()))
    except DBAPIError as error:
        return str(getattr(error.orig, "sqlstate", None) or "?????")
    return None


def load(connection: Connection, answer: Answer, target: str) -> None:
    """Moves what was found into `target`, a new, empty partition of the county."""
    answer.take(connection, FOUND, f"{target} ({_COLUMNS})")


def record(connection: Connection, question: Question, answer: Answer) -> None:
    """Brings the indicator's evidence in line with what was found."""
    answer.take(connection, FOUND)
    connection.execute(text(f"analyze {FOUND}"))
    connection.execute(text(f"set local enable_nestloop = {'off' if question.is_full else 'on'}"))
    has_household = question.indicator.spec.grain == "household"
    same = _SAME.format(household="f.household_id = e.household_id" if has_household else "true")
    in_scope = _IN_SCOPE if has_household and not question.is_full else ""
    for sql in _RECORD:
        statement = sql.format(columns=_COLUMNS, same=same, in_scope=in_scope)
        connection.execute(bound(statement, question.keys))

"""One rule over ``scope``: its hits and whom to look at when go into temporary tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from xianjie.monitoring.rules import Rule
from xianjie.warehouse.questions.params import bound

TABLES = ("found", "woken")

_TABLES = """
create temporary table if not exists found (
    hit_key uuid primary key, row_hash uuid not null, household_id text not null, person_id uuid,
    occurred_on date, severity text not null, strength numeric, evidence jsonb not null,
    dataset text, record_key uuid, delivery_id text, source_row bigint
) on commit drop;
create temporary table if not exists woken (household_id text, wake_on date) on commit drop;
"""

# Severity and strength are optional columns of a query, so they are read from the row's JSON.
_FOUND = """
with answer as (
    {query}
),

hit as (
    select
        a.household_id,
        a.person_id,
        a.occurred_on,
        a.dataset,
        a.record_key,
        a.delivery_id,
        a.source_row,
        j.doc,
        coalesce(j.doc ->> 'severity', :rule_severity) as severity,
        (j.doc ->> 'strength')::numeric as strength,
        md5(concat_ws('|', :rule_id, a.household_id, a.person_id, a.dataset, a.record_key))::uuid as hit_key
    from answer as a
    cross join lateral (select to_jsonb(a) as doc) as j
),

proven as (
    select
        h.*,
        h.doc - array['household_id', 'person_id', 'occurred_on', 'dataset', 'record_key', 'delivery_id',
                      'source_row', 'severity', 'strength'] as evidence
    from hit as h
)

insert into found
select distinct on (p.hit_key)
    p.hit_key,
    md5(concat_ws(
        '|', p.occurred_on, p.severity, p.strength, p.evidence, p.delivery_id, p.source_row
    ))::uuid,
    p.household_id,
    p.person_id,
    p.occurred_on,
    p.severity,
    p.strength,
    p.evidence,
    p.dataset,
    p.record_key,
    p.delivery_id,
    p.source_row
from proven as p
order by p.hit_key, p.occurred_on desc nulls last, p.evidence::text
"""

_FORGET_WAKES = """
delete from monitoring.wake as w
using evaluated as e
where w.county_code = :county_code and w.rule_id = :rule_id and w.household_id = e.household_id
    and w.kind = 'rule' and w.wake_on > :business_date
"""

_WOKEN = """
insert into woken
select distinct q.household_id, q.wake_on
from ({query}) as q
where q.wake_on > :business_date
"""

_WAKE = """
insert into monitoring.wake (county_code, rule_id, household_id, wake_on, kind)
select :county_code, :rule_id, w.household_id, w.wake_on, 'rule'
from woken as w
on conflict do nothing
"""


@dataclass(frozen=True)
class Question:
    """A rule asked for one county and date with the parameters in force."""

    rule: Rule
    county_code: str
    business_date: dt.date
    params: Mapping[str, Any]

    def values(self) -> dict[str, Any]:
        """The values of all binds a rule may use."""
        return {"county_code": self.county_code, "business_date": self.business_date, **self.params}


def prepare(connection: Connection) -> None:
    """Creates ``found`` and ``woken`` for this transaction."""
    for statement in _TABLES.split(";")[:-1]:
        connection.execute(text(statement))


def find(connection: Connection, question: Question) -> str | None:
    """Fills ``found`` and ``woken``; returns None, or the SQLSTATE of a query that does not run.

    A failed query costs its own rule only. The server's message is dropped: it may quote a value.
    """
    connection.execute(text(f"truncate {', '.join(TABLES)}"))
    rule = question.rule
    labels = {"rule_id": rule.id, "rule_severity": rule.spec.severity}
    values = {**question.values(), **labels}
    try:
        with connection.begin_nested():
            connection.execute(bound(_FOUND.format(query=rule.query), values))
            if rule.wakes is not None:
                connection.execute(bound(_WOKEN.format(query=rule.wakes), values))
    except DBAPIError as error:
        return str(getattr(error.orig, "sqlstate", None) or "?????")
    return None


def wake(connection: Connection, question: Question) -> None:
    """Brings the wake list of the evaluated households in line with ``woken``."""
    if question.rule.wakes is not None:
        values = {**question.values(), "rule_id": question.rule.id}
        for statement in (_FORGET_WAKES, _WAKE):
            connection.execute(bound(statement, values))

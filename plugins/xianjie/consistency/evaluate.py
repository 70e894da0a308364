"""One check over ``scope``: what it finds goes into temporary tables, one row an entity, and whom to look at when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from xianjie.consistency.checks import Check
from xianjie.warehouse.questions.params import bound

TABLES = ("found_check", "woken_check")

_TABLES = """
create temporary table if not exists found_check (
    entity_id text primary key, household_id text, person_id uuid, village_code text, owner text not null,
    evidence jsonb not null, evidence_hash uuid not null,
    dataset text, record_key uuid, delivery_id text, source_row bigint,
    other_dataset text, other_record_key uuid, other_delivery_id text, other_source_row bigint
) on commit drop;
create temporary table if not exists woken_check (household_id text, wake_on date) on commit drop;
"""

# The entity's columns and those of the other row are optional in a query, so they are read from the row's JSON.
_FOUND = """
with answer as (
{query}
),

hit as (
    select
        j.doc ->> 'household_id' as household_id,
        (j.doc ->> 'person_id')::uuid as person_id,
        j.doc ->> 'village_code' as village_code,
        coalesce(j.doc ->> 'owner', :check_owner) as owner,
        a.dataset,
        a.record_key,
        a.delivery_id,
        a.source_row,
        j.doc ->> 'other_dataset' as other_dataset,
        (j.doc ->> 'other_record_key')::uuid as other_record_key,
        j.doc ->> 'other_delivery_id' as other_delivery_id,
        (j.doc ->> 'other_source_row')::bigint as other_source_row,
        coalesce(
            (
                select jsonb_object_agg(e.key, e.value)
                from jsonb_each(j.doc) as e
                where starts_with(e.key, 'ev_') and e.value <> 'null'::jsonb
            ),
            '{{}}'
        ) as evidence
    from answer as a
    cross join lateral (select to_jsonb(a) as doc) as j
),

named as (
    select
        case :check_entity
            when 'person' then coalesce(h.person_id, h.record_key)::text
            when 'household' then h.household_id
            else h.village_code
        end as entity_id,
        h.*,
        md5(concat_ws('|', h.owner, h.evidence, h.dataset, h.other_dataset))::uuid as evidence_hash
    from hit as h
)

insert into found_check
select distinct on (n.entity_id)
    n.entity_id,
    n.household_id,
    n.person_id,
    n.village_code,
    n.owner,
    n.evidence,
    n.evidence_hash,
    n.dataset,
    n.record_key,
    n.delivery_id,
    n.source_row,
    n.other_dataset,
    n.other_record_key,
    n.other_delivery_id,
    n.other_source_row
from named as n
where n.entity_id is not null
order by n.entity_id, n.evidence::text, n.record_key, n.other_record_key, n.household_id
"""

_FORGET_WAKES = """
delete from consistency.wake as w
using evaluated as e
where w.county_code = :county_code and w.check_id = :check_id and w.household_id = e.household_id
    and w.wake_on > :business_date
"""

_WOKEN = """
insert into woken_check
select distinct q.household_id, q.wake_on
from ({query}) as q
where q.wake_on > :business_date
"""

_WAKE = """
insert into consistency.wake (county_code, check_id, household_id, wake_on)
select :county_code, :check_id, w.household_id, w.wake_on
from woken_check as w
on conflict do nothing
"""


@dataclass(frozen=True)
class Question:
    """A check asked for one county and date with the parameters in force; `is_full` asks for everyone."""

    check: Check
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
            "check_id": self.check.id,
        }


def prepare(connection: Connection) -> None:
    """Creates ``found_check`` and ``woken_check`` for this transaction."""
    for statement in _TABLES.split(";")[:-1]:
        connection.execute(text(statement))


def find(connection: Connection, question: Question) -> str | None:
    """Fills ``found_check`` and ``woken_check``; returns None, or the SQLSTATE of a query that does not run.

    A failed query costs its own check only. The server's message is dropped: it may quote a value.
    """
    connection.execute(text(f"truncate {', '.join(TABLES)}"))
    check = question.check
    labels = {"check_owner": check.spec.owner, "check_entity": check.spec.entity}
    values = {**question.params, **question.keys, **labels}
    try:
        with connection.begin_nested():
            connection.execute(bound(_FOUND.format(query=check.query), values))
            if check.wakes is not None:
                connection.execute(bound(_WOKEN.format(query=check.wakes), values))
    except DBAPIError as error:
        return str(getattr(error.orig, "sqlstate", None) or "?????")
    return None


def wake(connection: Connection, question: Question) -> None:
    """Brings the wake list of the evaluated households in line with ``woken_check``."""
    if question.check.wakes is not None:
        for statement in (_FORGET_WAKES, _WAKE):
            connection.execute(bound(statement, question.keys))

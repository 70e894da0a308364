"""The life of findings, by business date; the same evaluation twice leaves the same rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from xianjie.consistency.evaluate import Question
from xianjie.warehouse.questions.params import bound

_MINE = "f.county_code = :county_code and f.check_id = :check_id"
_IN_SCOPE = "and f.household_id in (select v.household_id from evaluated as v)"

# What this date or a later one had found and closed is taken back first, so that a date can be run again, also
# after its successors. What a person closed stays as it was decided.
_TAKE_BACK_OPENED = """
delete from consistency.finding as f
where {mine} and f.first_found_on >= :business_date and f.closed_reason is distinct from 'no_change' {in_scope}
"""

_TAKE_BACK_CLOSED = """
update consistency.finding as f
set closed_on = null, closed_reason = null
where {mine} and f.closed_on >= :business_date and f.closed_reason = 'put_right' {in_scope}
    and not exists (
        select 1 from consistency.finding as o
        where o.county_code = :county_code and o.check_id = :check_id and o.entity_id = f.entity_id
            and o.closed_on is null
    )
"""

# A decision that nothing is to be changed holds for the evidence it was taken on.
_DROP_SETTLED = """
delete from found_check as n
using (
    select distinct on (t.entity_id, t.evidence_hash)
        t.entity_id,
        t.evidence_hash,
        t.result
    from consistency.settlement as t
    where t.county_code = :county_code and t.check_id = :check_id and t.decided_on <= :business_date
    order by t.entity_id, t.evidence_hash, t.settlement_id desc
) as s
where n.entity_id = s.entity_id and n.evidence_hash = s.evidence_hash and s.result = 'none'
"""

_CLOSE = """
update consistency.finding as f
set closed_on = :business_date, closed_reason = 'put_right'
where {mine} and f.closed_on is null {in_scope}
    and not exists (select 1 from found_check as n where n.entity_id = f.entity_id)
"""

_REFRESH = """
update consistency.finding as f
set household_id = n.household_id, person_id = n.person_id, owner = n.owner, level = :level, module = :module,
    check_version = :check_version, evidence = n.evidence, evidence_hash = n.evidence_hash,
    dataset = n.dataset, record_key = n.record_key, delivery_id = n.delivery_id, source_row = n.source_row,
    other_dataset = n.other_dataset, other_record_key = n.other_record_key,
    other_delivery_id = n.other_delivery_id, other_source_row = n.other_source_row
from found_check as n
where {mine} and f.closed_on is null and f.entity_id = n.entity_id
    and (
        f.household_id, f.person_id, f.owner, f.level, f.module, f.check_version, f.evidence_hash, f.record_key,
        f.delivery_id, f.source_row, f.other_record_key, f.other_delivery_id, f.other_source_row
    ) is distinct from (
        n.household_id, n.person_id, n.owner, :level, :module, :check_version, n.evidence_hash, n.record_key,
        n.delivery_id, n.source_row, n.other_record_key, n.other_delivery_id, n.other_source_row
    )
"""

_OPEN = """
insert into consistency.finding (
    county_code, finding_id, check_id, check_version, entity_kind, entity_id, household_id, person_id,
    village_code, town_code, level, module, owner, evidence, evidence_hash, dataset, record_key, delivery_id,
    source_row, other_dataset, other_record_key, other_delivery_id, other_source_row, first_found_on, due_on
)
select
    :county_code,
    md5(concat_ws('|', :county_code, :check_id, n.entity_id, n.evidence_hash, :business_date))::uuid,
    :check_id,
    :check_version,
    :entity_kind,
    n.entity_id,
    n.household_id,
    n.person_id,
    coalesce(n.village_code, h.village_code),
    left(coalesce(n.village_code, h.village_code), 9),
    :level,
    :module,
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
    n.other_source_row,
    :business_date,
    :business_date + :days
from found_check as n
left join core.household as h on n.household_id = h.household_id and h.county_code = :county_code
where not exists (
    select 1 from consistency.finding as f where {mine} and f.entity_id = n.entity_id and f.closed_on is null
)
on conflict (county_code, finding_id) do nothing
"""

_CONCERNS = """
select
    exists (select 1 from found_check)
    or exists (select 1 from consistency.finding as f where {mine})
"""

_COUNTS = """
select
    f.check_id,
    count(*) filter (where f.closed_on is null or f.closed_on > :business_date) as findings_open,
    count(*) filter (where f.first_found_on = :business_date) as findings_opened,
    count(*) filter (where f.closed_on = :business_date) as findings_closed
from consistency.finding as f
where f.county_code = :county_code and f.first_found_on <= :business_date
group by f.check_id
"""


def record(connection: Connection, question: Question, days: int) -> None:
    """Brings the check's findings of the evaluated households in line with ``found_check``."""
    spec = question.check.spec
    said = {
        "level": spec.level,
        "module": spec.module,
        "check_version": spec.version,
        "entity_kind": spec.entity,
        "days": days,
    }
    values = {**question.keys, **said}
    in_scope = "" if question.is_full else _IN_SCOPE
    if not connection.scalar(bound(_CONCERNS.format(mine=_MINE), question.keys)):
        return
    for step in (_TAKE_BACK_OPENED, _TAKE_BACK_CLOSED, _DROP_SETTLED, _CLOSE, _REFRESH, _OPEN):
        connection.execute(bound(step.format(mine=_MINE, in_scope=in_scope), values))


def counts(connection: Connection, keys: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """By check: findings open at the end of the business date, and those that opened and closed on it."""
    rows = connection.execute(bound(_COUNTS, keys)).mappings()
    return {row["check_id"]: {name: row[name] for name in row if name != "check_id"} for row in rows}

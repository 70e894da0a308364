"""The history of a rule's hits, by business date; the same evaluation twice leaves the same rows."""

from __future__ import annotations

from sqlalchemy import Connection

from xianjie.monitoring.evaluate import Question
from xianjie.warehouse.questions.params import bound

# What this date or a later one had decided for the evaluated households is taken back first, so that a date
# can be run again, also after its successors.
_TAKE_BACK_OPENED = """
delete from monitoring.hit as h
using evaluated as e
where h.county_code = :county_code and h.rule_id = :rule_id and h.household_id = e.household_id
    and h.valid_from >= :business_date
"""

_TAKE_BACK_CLOSED = """
update monitoring.hit as h
set valid_to = 'infinity'
from evaluated as e
where h.county_code = :county_code and h.rule_id = :rule_id and h.household_id = e.household_id
    and h.valid_to >= :business_date and h.valid_to < 'infinity'
"""

_CLOSE = """
update monitoring.hit as h
set valid_to = :business_date
from evaluated as e
where h.county_code = :county_code and h.rule_id = :rule_id and h.household_id = e.household_id
    and h.valid_to = 'infinity'
    and not exists (select 1 from found as f where f.hit_key = h.hit_key and f.row_hash = h.row_hash)
"""

_OPEN = """
insert into monitoring.hit (
    county_code, hit_id, hit_key, row_hash, rule_id, rule_version, household_id, person_id, occurred_on,
    severity, family, strength, evidence, dataset, record_key, delivery_id, source_row, valid_from
)
select
    :county_code,
    md5(concat_ws('|', :county_code, f.hit_key, f.row_hash, :business_date))::uuid,
    f.hit_key,
    f.row_hash,
    :rule_id,
    :rule_version,
    f.household_id,
    f.person_id,
    f.occurred_on,
    f.severity,
    :family,
    f.strength,
    f.evidence,
    f.dataset,
    f.record_key,
    f.delivery_id,
    f.source_row,
    :business_date
from found as f
where not exists (
    select 1 from monitoring.hit as h
    where h.county_code = :county_code and h.rule_id = :rule_id and h.household_id = f.household_id
        and h.hit_key = f.hit_key and h.row_hash = f.row_hash and h.valid_to = 'infinity'
)
"""

_COUNTS = """
select
    count(*) filter (where h.valid_from <= :business_date and h.valid_to > :business_date) as hits_open,
    count(*) filter (where h.valid_from = :business_date) as hits_opened,
    count(*) filter (where h.valid_to = :business_date) as hits_closed
from monitoring.hit as h
where h.county_code = :county_code and h.rule_id = :rule_id
    and h.valid_from <= :business_date and h.valid_to >= :business_date
"""


def record(connection: Connection, question: Question) -> None:
    """Brings the rule's hits of the evaluated households in line with ``found``."""
    spec = question.rule.spec
    keys = _keys(question)
    connection.execute(bound(_TAKE_BACK_OPENED, keys))
    connection.execute(bound(_TAKE_BACK_CLOSED, keys))
    connection.execute(bound(_CLOSE, keys))
    connection.execute(bound(_OPEN, {**keys, "rule_version": spec.version, "family": spec.family}))


def counts(connection: Connection, question: Question) -> dict[str, int]:
    """Hits true on the business date, and those that opened and closed on it."""
    return dict(connection.execute(bound(_COUNTS, _keys(question))).mappings().one())


def _keys(question: Question) -> dict[str, object]:
    return {
        "county_code": question.county_code,
        "rule_id": question.rule.id,
        "business_date": question.business_date,
    }

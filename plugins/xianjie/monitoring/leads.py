"""Leads (风险线索): one open lead a rule and household, suppressed after 不符合, closed by people only."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import Connection

from xianjie.monitoring.errors import LeadError
from xianjie.monitoring.evaluate import Question
from xianjie.warehouse.questions.framework import framework
from xianjie.warehouse.questions.params import bound

NOT_MATCH = "CLOSED_NOT_MATCH"

_TAKE_BACK = """
delete from monitoring.lead as l
using evaluated as e
where l.county_code = :county_code and l.rule_id = :rule_id and l.household_id = e.household_id
    and l.first_seen >= :business_date and l.closed_on is null
"""

# The newest hits of a household: those still true, else those that went last.
_SIGNAL = """
with spoken as (
    select
        h.household_id,
        h.severity,
        h.strength,
        h.hit_key,
        h.valid_to,
        max(h.valid_to) over (partition by h.household_id) as latest
    from monitoring.hit as h
    inner join evaluated as e on h.household_id = e.household_id
    where h.county_code = :county_code and h.rule_id = :rule_id and h.valid_from <= :business_date
),

signal as (
    select
        s.household_id,
        count(*) as hit_count,
        max(array_position(array['黄', '橙', '红'], s.severity)) as grade,
        max(s.strength) as strength,
        array_agg(s.hit_key) as hit_keys,
        nullif(s.latest, 'infinity') as gone_on
    from spoken as s
    where s.valid_to = s.latest
    group by s.household_id, s.latest
)
"""

_REFRESH = (
    _SIGNAL
    + """
update monitoring.lead as l
set hit_count = g.hit_count, severity = (array['黄', '橙', '红'])[g.grade], strength = g.strength,
    signal_gone_on = g.gone_on
from signal as g
where l.county_code = :county_code and l.rule_id = :rule_id and l.household_id = g.household_id
    and l.closed_on is null
    and (l.hit_count, l.severity, l.strength, l.signal_gone_on)
    is distinct from (g.hit_count, (array['黄', '橙', '红'])[g.grade], g.strength, g.gone_on)
"""
)

# A household whose last lead was closed gets a new one for a signal that was off at any time since, and
# after 不符合 only when the suppression is over, the value grew worse, or the rule reports events.
_CANDIDATES = (
    _SIGNAL
    + """,

closed as (
    select distinct on (l.household_id)
        l.household_id,
        l.state,
        l.closed_on,
        l.strength
    from monitoring.lead as l
    inner join signal as g on l.household_id = g.household_id
    where l.county_code = :county_code and l.rule_id = :rule_id and l.closed_on <= :business_date
    order by l.household_id, l.closed_on desc, l.lead_id
),

judged as (
    select
        g.*,
        c.household_id is null as is_first,
        c.state = :not_match and not :is_event as may_suppress,
        c.closed_on + :suppression_days <= :business_date as is_over,
        coalesce(g.strength >= c.strength * (1 + :worsening_pct / 100.0) and g.strength > c.strength, false)
            as is_worse,
        exists (
            select 1 from unnest(g.hit_keys) as k (hit_key)
            where (
                select coalesce(sum(
                    least(h.valid_to, :business_date) - greatest(h.valid_from, c.closed_on)
                ), 0)
                from monitoring.hit as h
                where h.county_code = :county_code and h.rule_id = :rule_id
                    and h.household_id = g.household_id and h.hit_key = k.hit_key
                    and h.valid_to > c.closed_on and h.valid_from <= :business_date
            ) < :business_date - c.closed_on
        ) as is_new_signal
    from signal as g
    left join closed as c on g.household_id = c.household_id
    where g.gone_on is null and not exists (
        select 1 from monitoring.lead as l
        where l.county_code = :county_code and l.rule_id = :rule_id and l.household_id = g.household_id
            and (l.closed_on is null or l.closed_on > :business_date)
    )
),

candidate as (
    select
        j.*,
        case
            when j.is_first then true
            when j.may_suppress then j.is_over or j.is_worse
            else j.is_new_signal
        end as is_due,
        j.may_suppress and not (j.is_over or j.is_worse) as is_suppressed
    from judged as j
)
"""
)

_SUPPRESSED = _CANDIDATES + "select count(*) from candidate as c where c.is_suppressed"

_OPEN = (
    _CANDIDATES
    + """
insert into monitoring.lead (
    county_code, lead_id, rule_id, rule_version, household_id, village_code, town_code, populations, severity,
    family, strength, hit_count, route, departments, copy_to, first_seen, due_on
)
select
    :county_code,
    md5(concat_ws('|', :county_code, :rule_id, c.household_id, :business_date))::uuid,
    :rule_id,
    :rule_version,
    c.household_id,
    f.village_code,
    f.town_code,
    s.populations,
    (array['黄', '橙', '红'])[c.grade],
    :family,
    c.strength,
    c.hit_count,
    :route,
    :departments,
    :copy_to,
    :business_date,
    :business_date + :sla_days
from candidate as c
inner join {base} as s on c.household_id = s.household_id
left join facts.household as f on c.household_id = f.household_id and f.county_code = :county_code
where c.is_due
on conflict do nothing
"""
)

_CLOSE = """
update monitoring.lead as l
set state = :state, closed_on = :closed_on, closed_reason = :reason, closed_by = :closed_by,
    closed_note = :note
where l.county_code = :county_code and l.lead_id = :lead_id and l.closed_on is null
    and l.first_seen <= :closed_on
returning l.rule_id, l.household_id
"""

_WAKE = """
insert into monitoring.wake (county_code, rule_id, household_id, wake_on, kind)
values (:county_code, :rule_id, :household_id, :wake_on, 'suppression')
on conflict do nothing
"""


def refresh(connection: Connection, question: Question, base: str) -> dict[str, int]:
    """Opens, refreshes and marks the leads of the evaluated households; `base` is their scope table."""
    spec = question.rule.spec
    keys: dict[str, object] = {
        "county_code": question.county_code,
        "rule_id": spec.id,
        "business_date": question.business_date,
    }
    closing = {
        "not_match": NOT_MATCH,
        "is_event": spec.is_event,
        "suppression_days": spec.suppression_days,
        "worsening_pct": spec.worsening_pct,
    }
    opening = {
        "rule_version": spec.version,
        "family": spec.family,
        "route": spec.route,
        "sla_days": spec.sla_days,
        "departments": list(spec.departments),
        "copy_to": list(spec.copy_to),
    }
    connection.execute(bound(_TAKE_BACK, keys))
    connection.execute(bound(_REFRESH, keys))
    suppressed = connection.execute(bound(_SUPPRESSED, {**keys, **closing})).scalar_one()
    opened = connection.execute(bound(_OPEN.format(base=base), {**keys, **closing, **opening}))
    return {"leads_opened": opened.rowcount, "leads_suppressed": suppressed}


def close(
    connection: Connection,
    county_code: str,
    lead_id: uuid.UUID,
    *,
    state: str,
    reason: str,
    by: str,
    on: dt.date,
    suppression_days: int = 0,
    note: str | None = None,
) -> None:
    """Closes an open lead on a person's decision; a suppressed household is looked at again when that ends.

    Raises:
        LeadError: the state or reason code is unknown, or the lead is not open on that day.
    """
    procedure = framework().procedure
    if state not in procedure.states or reason not in procedure.closing_reasons:
        raise LeadError(
            "办结状态或原因代码不在目录中", next_command="cat include/framework/sla_profiles.yaml"
        )
    values = {
        "county_code": county_code,
        "lead_id": lead_id,
        "state": state,
        "reason": reason,
        "closed_by": by,
        "closed_on": on,
        "note": note,
    }
    row = connection.execute(bound(_CLOSE, values)).one_or_none()
    if row is None:
        raise LeadError("没有这条未办结的线索")
    wake = {"rule_id": row.rule_id, "household_id": row.household_id}
    if state == NOT_MATCH:
        wake_on = on + dt.timedelta(days=suppression_days)
        connection.execute(bound(_WAKE, {"county_code": county_code, "wake_on": wake_on, **wake}))

-- A held delivery that nobody has decided on, with the numbers the gate saw.
select
    d.county_code,
    d.delivery_id,
    d.department,
    d.dataset,
    d.business_date,
    d.verdict_code,
    d.verdict_reason,
    p.landed_rows,
    p.previous_rows,
    p.drop_pct,
    p.growth_pct,
    p.valid_pct,
    p.unique_pct,
    p.newest,
    p.same_since,
    l.unchanged,
    l.accepted,
    l.quarantined,
    l.absent
from ops.delivery as d
left join quality.profile as p on d.county_code = p.county_code and d.delivery_id = p.delivery_id
left join ops.ledger as l on d.delivery_id = l.delivery_id
where
    d.delivery_id = :delivery
    and d.verdict = 'hold'
    and not exists (select 1 from quality.decision as q where q.delivery_id = d.delivery_id);

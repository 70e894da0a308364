-- What came of each dataset on a business date, and where its rows went. Counts only.
with receipt as (
    select distinct on (r.department, r.dataset)
        r.department,
        r.dataset,
        r.finished_at
    from ops.receipt as r
    where r.county_code = :county and r.business_date = :business_date and r.outcome in ('landed', 'empty')
    order by r.department asc, r.dataset asc, r.finished_at desc
)

select
    c.department,
    c.dataset,
    c.outcome,
    c.error_code,
    c.is_late,
    c.delivery_id,
    d.landed_rows,
    l.unchanged,
    l.accepted,
    l.quarantined,
    l.warned,
    l.merged,
    coalesce(c.reason, d.verdict_reason) as reason,
    coalesce(d.landed_at, r.finished_at) as arrived_at
from ops.conclusion as c
left join ops.delivery as d on c.delivery_id = d.delivery_id
left join ops.ledger as l on c.delivery_id = l.delivery_id
left join receipt as r on c.department = r.department and c.dataset = r.dataset
where c.county_code = :county and c.business_date = :business_date

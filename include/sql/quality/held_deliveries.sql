select d.delivery_id
from ops.delivery as d
where
    d.county_code = :county
    and d.department = :department
    and d.business_date = :business_date
    and d.verdict = 'hold'
    and not exists (select 1 from quality.decision as q where q.delivery_id = d.delivery_id)
order by d.landed_at, d.delivery_id;

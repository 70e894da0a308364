-- The last decision a person took on a delivery, and how it is said.
select
    decision,
    decided_by,
    case decision when 'accept' then '已由' || decided_by || '确认接收：' else '已由' || decided_by || '拒收：' end
    || why as sentence
from quality.decision
where county_code = :county and delivery_id = :delivery
order by decided_at desc
limit 1;

-- What stands for a delivery before it is judged again: whether it is merged, and a person's last decision.
select
    delivery.merged_at is not null as is_merged,
    decision.decision,
    decision.decided_by,
    case decision.decision
        when 'accept' then '已由' || decision.decided_by || '确认接收：'
        else '已由' || decision.decided_by || '拒收：'
    end || decision.why as sentence
from ops.delivery
left join quality.decision using (county_code, delivery_id)
where delivery.county_code = :county and delivery.delivery_id = :delivery
order by decision.decided_at desc nulls last
limit 1;

-- Of several deliveries of one night, the last accepted one counts; without one, the last. What offices
-- corrected, and what was judged again, is no night's delivery.
with ranked as (
    select
        ledger.delivery_id,
        row_number() over (
            order by
                delivery.origin in ('pull', 'submission') desc,
                delivery.verdict is not distinct from 'accept' desc,
                delivery.landed_at desc
        ) = 1
        and delivery.origin in ('pull', 'submission') as is_current
    from ops.ledger
    inner join ops.delivery using (delivery_id)
    where
        ledger.county_code = :county_code
        and ledger.department = :department
        and ledger.dataset = :dataset
        and ledger.business_date = :business_date
)

update ops.ledger
set is_current = ranked.is_current
from ranked
where ledger.delivery_id = ranked.delivery_id and ledger.is_current <> ranked.is_current;

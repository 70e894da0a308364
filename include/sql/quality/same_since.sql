-- Since which business date the accepted deliveries have had one content without a break; a person's word on
-- one of them starts the count anew. Null when the last one has another content.
with accepted as (
    select distinct on (delivery.business_date)
        delivery.business_date,
        delivery.sha256,
        delivery.decided_by is not null as is_decided
    from ops.delivery
    where
        delivery.county_code = :county
        and delivery.department = :department
        and delivery.dataset = :dataset
        and delivery.business_date < :before
        and delivery.verdict = 'accept'
        and delivery.origin in ('pull', 'submission')
    order by delivery.business_date desc, delivery.landed_at desc
),

starts as (
    select
        max(business_date) filter (where sha256 <> :sha256) as other_on,
        max(business_date) filter (where is_decided) as decided_on
    from accepted
)

select min(accepted.business_date) as same_since
from accepted
cross join starts
where
    accepted.sha256 = :sha256
    and accepted.business_date > coalesce(starts.other_on, '-infinity')
    and accepted.business_date >= coalesce(starts.decided_on, '-infinity');

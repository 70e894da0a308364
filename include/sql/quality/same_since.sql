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
    order by delivery.business_date desc, delivery.landed_at desc
)

select min(business_date) as same_since
from accepted
where
    sha256 = :sha256
    and business_date > coalesce((select max(a.business_date) from accepted as a where a.sha256 <> :sha256), '-infinity')
    and business_date >= coalesce((select max(a.business_date) from accepted as a where a.is_decided), '-infinity');

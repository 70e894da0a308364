-- The dataset's accepted deliveries of the given modes before a business date, one a date, newest first.
with accepted as (
    select distinct on (delivery.business_date)
        delivery.business_date,
        delivery.sha256,
        delivery.decided_by is not null as is_decided,
        profile.landed_rows,
        profile.columns_missing
    from ops.delivery
    inner join quality.profile using (county_code, delivery_id)
    where
        delivery.county_code = :county
        and delivery.department = :department
        and delivery.dataset = :dataset
        and delivery.business_date < :before
        and delivery.verdict = 'accept'
        and profile.mode = any(:modes)
    order by delivery.business_date desc, delivery.landed_at desc
)

select
    landed_rows,
    columns_missing,
    sha256,
    is_decided
from accepted
order by business_date desc
limit :depth;

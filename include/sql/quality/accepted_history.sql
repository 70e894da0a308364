-- The dataset's accepted deliveries of the given modes before a business date, one a date, newest first: those
-- of the last nights and, of a dataset that comes rarely, at least the last few.
with accepted as (
    select distinct on (delivery.business_date)
        delivery.business_date,
        delivery.sha256,
        delivery.decided_by is not null as is_decided,
        profile.landed_rows,
        profile.columns_missing,
        profile.formats
    from ops.delivery
    inner join quality.profile using (county_code, delivery_id)
    where
        delivery.county_code = :county
        and delivery.department = :department
        and delivery.dataset = :dataset
        and delivery.business_date < :before
        and delivery.verdict = 'accept'
        and delivery.origin in ('pull', 'submission')
        and profile.mode = any(:modes)
    order by delivery.business_date desc, delivery.landed_at desc
),

numbered as (
    select
        accepted.*,
        row_number() over (order by accepted.business_date desc) as place
    from accepted
)

select
    landed_rows,
    columns_missing,
    formats,
    sha256,
    is_decided
from numbered
where business_date >= cast(:before as date) - cast(:nights as integer) or place <= :least
order by business_date desc;

-- What a department delivered for a night, in order of arrival. A pull that was killed when its delivery stood
-- and then ran again has brought the same twice: the first, never judged, is passed over.
select
    delivery_id,
    verdict,
    verdict_code,
    verdict_reason,
    landed_rows,
    landed_at
from ops.delivery as d
where
    county_code = :county
    and department = :department
    and dataset = :dataset
    and business_date = :business_date
    and origin in ('pull', 'submission')
    and not (
        verdict is null
        and verdict_code is null
        and exists (
            select 1 from ops.delivery as again
            where
                again.county_code = d.county_code
                and again.department = d.department
                and again.dataset = d.dataset
                and again.business_date = d.business_date
                and again.origin = d.origin
                and again.sha256 = d.sha256
                and (again.landed_at, again.delivery_id) > (d.landed_at, d.delivery_id)
        )
    )
order by landed_at, delivery_id;

select
    delivery_id,
    verdict,
    verdict_code,
    verdict_reason,
    landed_rows,
    landed_at
from ops.delivery
where
    county_code = :county
    and department = :department
    and dataset = :dataset
    and business_date = :business_date
order by landed_at, delivery_id;

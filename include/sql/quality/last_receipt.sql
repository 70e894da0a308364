select
    outcome,
    error_code,
    reason
from ops.receipt
where
    county_code = :county
    and department = :department
    and dataset = :dataset
    and business_date = :business_date
order by finished_at desc, attempt desc
limit 1;

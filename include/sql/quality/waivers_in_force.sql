-- The rules that people lifted for single records, as far as it counts for one delivery.
select
    record_key,
    rule_ids
from quality.waiver
where
    county_code = :county
    and department = :department
    and dataset = :dataset
    and valid_from <= :business_date
    and valid_until >= :business_date
    and entered_at <= :landed_at
    and (ended_at is null or ended_at > :landed_at);

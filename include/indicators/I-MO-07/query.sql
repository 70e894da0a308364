-- A household with several such findings counts once, with the oldest of them as its row.
select distinct on (f.household_id)
    'household' as entity_kind,
    f.household_id as entity_id,
    f.household_id,
    f.village_code,
    1 as numerator,
    1 as denominator,
    f.dataset,
    f.record_key,
    f.delivery_id,
    f.source_row
from consistency.findings(:county_code, :business_date) as f
where f.is_open and f.module = 'coverage' and f.level = 1
order by f.household_id asc, f.first_found_on asc, f.check_id asc, f.finding_id asc

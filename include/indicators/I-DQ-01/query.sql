-- A returned row has to be put right before it counts for anything; of the checks' findings the first level has to.
select
    'returned_row' as entity_kind,
    q.row_id::text as entity_id,
    null as household_id,
    null as village_code,
    1 as numerator,
    1 as denominator,
    q.department || '.' || q.dataset as dataset,
    q.record_key,
    q.delivery_id,
    q.source_row
from quality.quarantined_row as q
where
    q.county_code = :county_code
    and q.opened_on <= :business_date
    and (q.closed_on is null or q.closed_on > :business_date)
union all
select
    'finding' as entity_kind,
    f.finding_id::text as entity_id,
    f.household_id,
    f.village_code,
    1 as numerator,
    1 as denominator,
    f.dataset,
    f.record_key,
    f.delivery_id,
    f.source_row
from consistency.findings(:county_code, :business_date) as f
where f.is_open and f.level = 1

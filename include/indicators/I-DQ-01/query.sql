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

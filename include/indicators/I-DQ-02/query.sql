select
    'delivery' as entity_kind,
    c.department || '.' || c.dataset || '@' || c.business_date as entity_id,
    null as household_id,
    null as village_code,
    (c.outcome in ('accepted', 'empty') and not c.is_late)::int as numerator,
    1 as denominator,
    c.department || '.' || c.dataset as dataset,
    null::uuid as record_key,
    c.delivery_id,
    null::bigint as source_row
from ops.conclusion as c
where
    c.county_code = :county_code
    and c.outcome <> 'not_due'
    and c.business_date <= :business_date
    and c.business_date >= date_trunc('month', :business_date)

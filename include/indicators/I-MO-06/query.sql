select
    'lead' as entity_kind,
    l.lead_id::text as entity_id,
    l.household_id,
    l.village_code,
    coalesce(l.closed_on <= l.due_on, false)::int as numerator,
    1 as denominator,
    null as dataset,
    null::uuid as record_key,
    null as delivery_id,
    null::bigint as source_row
from monitoring.leads(:county_code, :business_date) as l
where
    l.due_on < :business_date
    and l.due_on >= date_trunc('year', :business_date)

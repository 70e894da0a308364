select
    'household' as entity_kind,
    h.household_id as entity_id,
    h.household_id,
    h.village_code,
    1 as numerator,
    1 as denominator,
    'rural_revitalisation.households' as dataset,
    h.record_key,
    h.delivery_id,
    h.source_row
from facts.rural_revitalisation_households as h
inner join scope as s on h.household_id = s.household_id
where h.county_code = :county_code

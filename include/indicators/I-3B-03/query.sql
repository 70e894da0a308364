with worst as (
    select distinct on (h.household_id)
        h.household_id,
        h.village_code,
        h.grade in ('C', 'D') as is_dangerous,
        h.record_key,
        h.delivery_id,
        h.source_row
    from facts.housing_house_safety as h
    inner join scope as s on h.household_id = s.household_id
    where h.county_code = :county_code and h.is_lived_in
    order by h.household_id asc, (h.grade in ('C', 'D')) desc, h.grade desc, h.record_key asc
)

select
    'household' as entity_kind,
    w.household_id as entity_id,
    w.household_id,
    w.village_code,
    (not w.is_dangerous)::int as numerator,
    1 as denominator,
    'housing.house_safety' as dataset,
    w.record_key,
    w.delivery_id,
    w.source_row
from worst as w

select
    h.household_id,
    'rural_revitalisation.households' as dataset,
    h.record_key,
    h.delivery_id,
    h.source_row,
    'housing.house_safety' as other_dataset,
    g.record_key as other_record_key,
    g.delivery_id as other_delivery_id,
    g.source_row as other_source_row,
    g.grade as ev_house_grade,
    h.mo_cleared_month as ev_mo_cleared_month
from facts.rural_revitalisation_households as h
inner join scope as s on h.household_id = s.household_id
inner join facts.housing_house_safety as g on h.household_id = g.household_id and g.county_code = :county_code
where
    h.county_code = :county_code
    and h.mo_type is not null
    and h.is_risk_cleared
    and g.grade in ('C', 'D')
    and g.is_lived_in

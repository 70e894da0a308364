select
    h.household_id,
    h.person_id,
    coalesce(h.appraisal_date, h.valid_from) as occurred_on,
    'housing.house_safety' as dataset,
    h.record_key,
    h.delivery_id,
    h.source_row,
    h.house_no as ev_house_no,
    h.grade as ev_grade,
    h.appraisal_date as ev_appraisal_date,
    h.built_year as ev_built_year
from facts.housing_house_safety as h
inner join scope as s on h.household_id = s.household_id
where h.county_code = :county_code and h.grade in ('C', 'D') and h.is_lived_in

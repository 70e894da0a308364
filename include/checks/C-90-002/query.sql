with term as (
    select make_date(
        extract(year from :business_date)::int - (extract(month from :business_date) < 9)::int, 8, 1
    ) as identified_before
)

select
    p.household_id,
    p.person_id,
    'rural_revitalisation.persons' as dataset,
    p.record_key,
    p.delivery_id,
    p.source_row,
    'rural_revitalisation.households' as other_dataset,
    h.record_key as other_record_key,
    h.delivery_id as other_delivery_id,
    h.source_row as other_source_row,
    p.student_status as ev_student_status
from facts.rural_revitalisation_persons as p
inner join scope as s on p.household_id = s.household_id
inner join facts.rural_revitalisation_households as h
    on p.household_id = h.household_id and h.county_code = :county_code
cross join term as t
where
    p.county_code = :county_code
    and (
        starts_with(p.student_status, 'vocational_')
        or starts_with(p.student_status, 'college_')
        or starts_with(p.student_status, 'technician_')
    )
    and h.mo_identified_month < t.identified_before
    and 'yulu' = any(string_to_array(h.measure_education, ',')) is not true

select
    p.household_id,
    p.person_id,
    'rural_revitalisation.persons' as dataset,
    p.record_key,
    p.delivery_id,
    p.source_row,
    'employment.social_insurance' as other_dataset,
    i.record_key as other_record_key,
    i.delivery_id as other_delivery_id,
    i.source_row as other_source_row,
    i.insurance as ev_insurance
from facts.rural_revitalisation_persons as p
inner join scope as s on p.household_id = s.household_id
inner join facts.employment_social_insurance as i
    on p.household_id = i.household_id and p.person_id = i.person_id and i.county_code = :county_code
where
    p.county_code = :county_code
    and i.status = 'insured'
    and (
        (i.insurance = 'resident_pension' and p.has_resident_pension is false)
        or (i.insurance = 'employee_pension' and p.has_employee_pension is false)
    )

with uninsured as (
    select
        p.household_id,
        count(*) as members,
        min(p.person_no) as person_no
    from facts.rural_revitalisation_persons as p
    inner join scope as s on p.household_id = s.household_id
    where p.county_code = :county_code and p.has_major_illness_insurance is false
    group by p.household_id
)

select
    h.household_id,
    'rural_revitalisation.households' as dataset,
    h.record_key,
    h.delivery_id,
    h.source_row,
    'rural_revitalisation.persons' as other_dataset,
    p.record_key as other_record_key,
    p.delivery_id as other_delivery_id,
    p.source_row as other_source_row,
    u.members as ev_uninsured
from facts.rural_revitalisation_households as h
inner join uninsured as u on h.household_id = u.household_id
inner join facts.rural_revitalisation_persons as p
    on u.household_id = p.household_id and u.person_no = p.person_no and p.county_code = :county_code
where h.county_code = :county_code and h.mo_type is null

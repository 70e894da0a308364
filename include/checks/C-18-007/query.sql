with roster as (
    select
        p.household_id,
        count(*) as members,
        count(*) filter (
            where p.has_resident_medical is false and p.has_employee_medical is false
        ) as uninsured
    from facts.rural_revitalisation_persons as p
    inner join scope as s on p.household_id = s.household_id
    where p.county_code = :county_code
    group by p.household_id
)

select
    h.household_id,
    'rural_revitalisation.households' as dataset,
    h.record_key,
    h.delivery_id,
    h.source_row,
    r.uninsured as ev_uninsured
from facts.rural_revitalisation_households as h
inner join roster as r on h.household_id = r.household_id
where
    h.county_code = :county_code
    and r.uninsured > 0
    and h.measure_health is null
    and h.measure_social is null

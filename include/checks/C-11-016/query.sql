with roster as (
    select
        p.household_id,
        count(*) as members,
        count(*) filter (
            where p.id_type = 'disability_certificate' or 'disabled' = any(string_to_array(p.health, ','))
        ) as disabled
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
    r.members as ev_members
from facts.rural_revitalisation_households as h
inner join roster as r on h.household_id = r.household_id
where
    h.county_code = :county_code
    and 'disability' = any(string_to_array(h.measure_safety_net, ','))
    and r.disabled = 0
    and r.members >= coalesce(h.size_now, 0)

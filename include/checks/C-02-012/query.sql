with roster as (
    select
        p.household_id,
        count(*) as members,
        count(*) filter (where p.relation = '02') as heads
    from facts.rural_revitalisation_persons as p
    inner join scope as s on p.household_id = s.household_id
    where p.county_code = :county_code
    group by p.household_id
)

-- A member that is short may be the head, whose row was returned.
select
    h.household_id,
    'rural_revitalisation.households' as dataset,
    h.record_key,
    h.delivery_id,
    h.source_row,
    r.members as ev_members
from facts.rural_revitalisation_households as h
inner join roster as r on h.household_id = r.household_id
where h.county_code = :county_code and r.heads = 0 and r.members >= coalesce(h.size_now, 0)

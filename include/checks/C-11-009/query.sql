with roster as (
    select
        p.household_id,
        count(*) as members,
        count(*) filter (
            where p.labour_skill in ('skilled', 'ordinary')
        ) as able
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
    r.able as ev_able_members,
    r.members as ev_members
from facts.rural_revitalisation_households as h
inner join roster as r on h.household_id = r.household_id
where
    h.county_code = :county_code
    and 'labour' in (h.risk_1, h.risk_2, h.risk_3, h.risk_4, h.risk_5)
    and r.able = r.members
    and r.members >= coalesce(h.size_now, 0)

with paid as (
    select distinct on (a.household_id, a.person_id)
        a.household_id,
        a.record_key,
        a.delivery_id,
        a.source_row,
        a.status
    from facts.civil_affairs_disability_allowances as a
    inner join scope as s on a.household_id = s.household_id
    where a.county_code = :county_code and a.month <= :business_date
    order by a.household_id asc, a.person_id asc, a.month desc, a.record_key asc
)

select
    h.household_id,
    'rural_revitalisation.households' as dataset,
    h.record_key,
    h.delivery_id,
    h.source_row,
    h.measure_safety_net as ev_measure_safety_net
from facts.rural_revitalisation_households as h
inner join scope as s on h.household_id = s.household_id
where
    h.county_code = :county_code
    and h.is_risk_cleared
    and 'disability' = any(string_to_array(h.measure_safety_net, ','))
    and not exists (
        select 1 from paid as p
        where p.household_id = h.household_id and p.status = 'paying'
    )
    and not exists (
        select 1 from facts.rural_revitalisation_persons as m
        where
            m.county_code = :county_code
            and m.household_id = h.household_id
            and (m.id_type = 'disability_certificate' or 'disabled' = any(string_to_array(m.health, ',')))
    )
    and coalesce(h.size_now, 0) <= (
        select count(*) from facts.rural_revitalisation_persons as p
        where p.county_code = :county_code and p.household_id = h.household_id
    )

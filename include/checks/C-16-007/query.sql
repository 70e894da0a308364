with newest as (
    select distinct on (t.household_id, t.person_id, t.allowance_type)
        t.household_id,
        t.status
    from facts.civil_affairs_disability_allowances as t
    inner join scope as s on t.household_id = s.household_id
    where t.county_code = :county_code and t.month <= :business_date
    order by t.household_id asc, t.person_id asc, t.allowance_type asc, t.month desc
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
    and (h.mo_type is null or h.is_risk_cleared is not true)
    and 'disability' = any(string_to_array(h.measure_safety_net, ','))
    and h.household_id not in (
        select n.household_id from newest as n
        where n.status = 'paying' and n.household_id is not null
    )

with paid as (
    select distinct on (a.household_id, a.person_id)
        a.household_id,
        a.record_key,
        a.delivery_id,
        a.source_row,
        a.status
    from facts.civil_affairs_disability_allowances as a
    inner join scope as s on a.household_id = s.household_id
    where
        a.county_code = :county_code
        and a.month <= :business_date
        and a.disability_grade in ('1', '2')
    order by a.household_id asc, a.person_id asc, a.month desc, a.record_key asc
)

select
    h.household_id,
    'rural_revitalisation.households' as dataset,
    h.record_key,
    h.delivery_id,
    h.source_row,
    'civil_affairs.disability_allowances' as other_dataset,
    p.record_key as other_record_key,
    p.delivery_id as other_delivery_id,
    p.source_row as other_source_row,
    h.measure_safety_net as ev_measure_safety_net,
    count(*) over (partition by h.household_id) as ev_receiving_members
from facts.rural_revitalisation_households as h
inner join paid as p on h.household_id = p.household_id
where
    h.county_code = :county_code
    and (h.mo_type is null or h.is_risk_cleared is not true)
    and 'disability' = any(string_to_array(h.measure_safety_net, ',')) is not true

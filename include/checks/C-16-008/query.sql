with severe as (
    select distinct on (t.household_id)
        t.household_id,
        t.record_key,
        t.delivery_id,
        t.source_row
    from facts.civil_affairs_disability_allowances as t
    inner join scope as s on t.household_id = s.household_id
    where t.county_code = :county_code and t.month <= :business_date and t.disability_grade in ('1', '2')
    order by t.household_id asc, t.month desc, t.record_key asc
)

select
    h.household_id,
    'rural_revitalisation.households' as dataset,
    h.record_key,
    h.delivery_id,
    h.source_row,
    'civil_affairs.disability_allowances' as other_dataset,
    r.record_key as other_record_key,
    r.delivery_id as other_delivery_id,
    r.source_row as other_source_row,
    h.measure_safety_net as ev_measure_safety_net
from facts.rural_revitalisation_households as h
inner join severe as r on h.household_id = r.household_id
where
    h.county_code = :county_code
    and h.mo_type is not null
    and h.is_risk_cleared is not true
    and 'disability' = any(string_to_array(h.measure_safety_net, ',')) is not true

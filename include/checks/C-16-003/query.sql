with newest as (
    select distinct on (d.household_id, d.person_id)
        d.household_id,
        d.end_month,
        d.record_key,
        d.delivery_id,
        d.source_row
    from facts.civil_affairs_dibao as d
    inner join scope as s on d.household_id = s.household_id
    where d.county_code = :county_code and d.month <= :business_date
    order by d.household_id asc, d.person_id asc, d.month desc, d.record_key asc
),

received as (
    select
        n.household_id,
        n.record_key,
        n.delivery_id,
        n.source_row
    from newest as n
    where n.end_month is null or n.end_month > date_trunc('month', :business_date)
)

select
    h.household_id,
    'rural_revitalisation.households' as dataset,
    h.record_key,
    h.delivery_id,
    h.source_row,
    'civil_affairs.dibao' as other_dataset,
    r.record_key as other_record_key,
    r.delivery_id as other_delivery_id,
    r.source_row as other_source_row,
    h.measure_safety_net as ev_measure_safety_net,
    count(*) over (partition by h.household_id) as ev_receiving_members
from facts.rural_revitalisation_households as h
inner join received as r on h.household_id = r.household_id
where
    h.county_code = :county_code
    and (h.mo_type is null or h.is_risk_cleared is not true)
    and 'dibao' = any(string_to_array(h.measure_safety_net, ',')) is not true

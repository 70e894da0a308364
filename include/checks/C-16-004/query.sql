with received as (
    select
        t.household_id,
        t.record_key,
        t.delivery_id,
        t.source_row
    from facts.civil_affairs_destitute_support as t
    inner join scope as s on t.household_id = s.household_id
    where
        t.county_code = :county_code
        and (t.end_month is null or t.end_month > date_trunc('month', :business_date))
)

select
    h.household_id,
    'rural_revitalisation.households' as dataset,
    h.record_key,
    h.delivery_id,
    h.source_row,
    'civil_affairs.destitute_support' as other_dataset,
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
    and 'destitute' = any(string_to_array(h.measure_safety_net, ',')) is not true

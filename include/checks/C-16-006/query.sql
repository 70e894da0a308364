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
),

registered as (
    select p.household_id
    from facts.rural_revitalisation_persons as p
    inner join scope as s on p.household_id = s.household_id
    where p.county_code = :county_code and p.destitute_support in ('urban', 'rural')
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
    and 'destitute' = any(string_to_array(h.measure_safety_net, ','))
    and h.household_id not in (select r.household_id from received as r)
    and h.household_id not in (select g.household_id from registered as g)
    and coalesce(h.size_now, 0) <= (
        select count(*) from facts.rural_revitalisation_persons as p
        where p.county_code = :county_code and p.household_id = h.household_id
    )

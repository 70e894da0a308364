with helped as (
    select
        h.household_id,
        'rural_revitalisation.households' as dataset,
        h.record_key,
        h.delivery_id,
        h.source_row,
        'rural_revitalisation' as owner
    from facts.rural_revitalisation_households as h
    inner join scope as s on h.household_id = s.household_id
    where h.county_code = :county_code and h.mo_type is not null and h.is_risk_cleared is not true
    union all
    select
        d.household_id,
        'civil_affairs.dibao' as dataset,
        d.record_key,
        d.delivery_id,
        d.source_row,
        'civil_affairs' as owner
    from facts.civil_affairs_dibao as d
    inner join scope as s on d.household_id = s.household_id
    where
        d.county_code = :county_code
        and d.month = date_trunc('month', :business_date)
        and (d.end_month is null or d.end_month > d.month)
)

select
    f.household_id,
    f.owner,
    f.dataset,
    f.record_key,
    f.delivery_id,
    f.source_row,
    'public_security.vehicles' as other_dataset,
    a.record_key as other_record_key,
    a.delivery_id as other_delivery_id,
    a.source_row as other_source_row,
    a.vehicle_type as ev_asset,
    a.value_band as ev_value_band
from helped as f
inner join facts.public_security_vehicles as a
    on f.household_id = a.household_id and a.county_code = :county_code
where
    a.vehicle_type = any(string_to_array(:vehicle_types, ','))
    and a.value_band = any(string_to_array(:value_bands, ','))
    and a.use_nature is distinct from 'farm'
    and a.status is distinct from 'scrapped'
    and a.status is distinct from 'transferred'

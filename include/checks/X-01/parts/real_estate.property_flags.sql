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
    'real_estate.property_flags' as other_dataset,
    a.record_key as other_record_key,
    a.delivery_id as other_delivery_id,
    a.source_row as other_source_row,
    case
        when a.has_shop then 'has_shop'
        when a.has_several_housing then 'has_several_housing'
        else 'has_commercial_housing'
    end as ev_asset,
    null as ev_value_band
from helped as f
inner join facts.real_estate_property_flags as a
    on f.household_id = a.household_id and a.county_code = :county_code
where
    a.has_shop or a.has_several_housing or a.has_commercial_housing

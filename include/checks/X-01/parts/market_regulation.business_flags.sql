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
    'market_regulation.business_flags' as other_dataset,
    a.record_key as other_record_key,
    a.delivery_id as other_delivery_id,
    a.source_row as other_source_row,
    case
        when a.is_legal_representative then 'is_legal_representative'
        when a.is_shareholder then 'is_shareholder'
        when a.is_executive then 'is_executive'
        else 'has_individual_business'
    end as ev_asset,
    null as ev_value_band
from helped as f
inner join facts.market_regulation_business_flags as a
    on f.household_id = a.household_id and a.county_code = :county_code
where
    a.is_legal_representative
    or a.is_shareholder
    or a.is_executive
    or a.has_individual_business

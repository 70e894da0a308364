with income as (
    select
        h.household_id,
        round((
            coalesce(h.wage_income_yuan, 0) + coalesce(h.business_income_yuan, 0)
            + coalesce(h.property_income_yuan, 0) + coalesce(h.transfer_income_yuan, 0)
            - coalesce(h.business_cost_yuan, 0)
        ) / h.size_now, 2) as per_capita_yuan,
        h.net_per_capita_yuan,
        h.record_key,
        h.delivery_id,
        h.source_row
    from facts.rural_revitalisation_households as h
    inner join scope as s on h.household_id = s.household_id
    where
        h.county_code = :county_code
        and h.mo_type is null
        and h.size_now > 0
        and num_nonnulls(
            h.wage_income_yuan, h.business_income_yuan, h.property_income_yuan, h.transfer_income_yuan
        ) > 0
)

select
    i.household_id,
    'rural_revitalisation.households' as dataset,
    i.record_key,
    i.delivery_id,
    i.source_row,
    i.per_capita_yuan as ev_per_capita_yuan,
    i.net_per_capita_yuan as ev_reported_per_capita_yuan,
    :line_yuan as ev_line_yuan
from income as i
where i.per_capita_yuan < :line_yuan

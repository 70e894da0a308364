with income as (
    select
        h.household_id,
        h.village_code,
        coalesce(h.wage_income_yuan, 0) as wage_yuan,
        coalesce(h.wage_income_yuan, 0) + coalesce(h.business_income_yuan, 0)
        + coalesce(h.property_income_yuan, 0) + coalesce(h.transfer_income_yuan, 0)
        - coalesce(h.business_cost_yuan, 0) as net_yuan,
        h.record_key,
        h.delivery_id,
        h.source_row
    from facts.rural_revitalisation_households as h
    inner join scope as s on h.household_id = s.household_id
    where
        h.county_code = :county_code
        and h.size_now > 0
        and num_nonnulls(
            h.wage_income_yuan, h.business_income_yuan, h.property_income_yuan, h.transfer_income_yuan
        ) > 0
)

select
    'household' as entity_kind,
    i.household_id as entity_id,
    i.household_id,
    i.village_code,
    i.wage_yuan as numerator,
    i.net_yuan as denominator,
    'rural_revitalisation.households' as dataset,
    i.record_key,
    i.delivery_id,
    i.source_row
from income as i

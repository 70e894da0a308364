with income as (
    select
        h.household_id,
        h.size_now,
        h.net_per_capita_yuan,
        h.valid_from,
        h.record_key,
        h.delivery_id,
        h.source_row,
        coalesce(h.wage_income_yuan, 0) + coalesce(h.business_income_yuan, 0)
        + coalesce(h.property_income_yuan, 0) + coalesce(h.transfer_income_yuan, 0)
        - coalesce(h.business_cost_yuan, 0) as net_yuan
    from facts.rural_revitalisation_households as h
    inner join scope as s on h.household_id = s.household_id
    where
        h.county_code = :county_code
        and h.size_now > 0
        and num_nonnulls(
            h.wage_income_yuan, h.business_income_yuan, h.property_income_yuan, h.transfer_income_yuan
        ) > 0
),

recomputed as (
    select
        i.*,
        round(i.net_yuan / i.size_now, 2) as per_capita_yuan
    from income as i
)

select
    r.household_id,
    null::uuid as person_id,
    r.valid_from as occurred_on,
    :line_yuan - r.per_capita_yuan as strength,
    'rural_revitalisation.households' as dataset,
    r.record_key,
    r.delivery_id,
    r.source_row,
    r.per_capita_yuan as ev_per_capita_yuan,
    r.net_per_capita_yuan as ev_reported_per_capita_yuan,
    r.size_now as ev_size,
    :line_yuan as ev_line_yuan
from recomputed as r
where r.per_capita_yuan < :line_yuan

with cleared as (
    select
        h.household_id,
        h.record_key,
        h.delivery_id,
        h.source_row,
        h.after_wage_income_yuan
    from facts.rural_revitalisation_households as h
    inner join scope as s on h.household_id = s.household_id
    where
        h.county_code = :county_code
        and h.mo_type is not null
        and h.is_risk_cleared
        and coalesce(h.after_wage_income_yuan, 0) = 0
),

receiver as (
    select
        p.household_id,
        count(*) as members
    from facts.rural_revitalisation_persons as p
    where
        p.county_code = :county_code
        and p.household_id in (select c.household_id from cleared as c)
        and (p.work_months > 0 or p.public_post is not null)
    group by p.household_id
)

select
    h.household_id,
    'rural_revitalisation.households' as dataset,
    h.record_key,
    h.delivery_id,
    h.source_row,
    r.members as ev_receiving_members,
    h.after_wage_income_yuan as ev_after_wage_income_yuan
from cleared as h
inner join receiver as r on h.household_id = r.household_id

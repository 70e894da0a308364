with receiver as (
    select
        p.household_id,
        count(*) as members
    from facts.rural_revitalisation_persons as p
    inner join scope as s on p.household_id = s.household_id
    where p.county_code = :county_code and (p.dibao in ('urban', 'rural') or p.destitute_support in ('urban', 'rural'))
    group by p.household_id
)

select
    h.household_id,
    'rural_revitalisation.households' as dataset,
    h.record_key,
    h.delivery_id,
    h.source_row,
    r.members as ev_receiving_members,
    h.after_transfer_income_yuan as ev_after_transfer_income_yuan
from facts.rural_revitalisation_households as h
inner join receiver as r on h.household_id = r.household_id
where
    h.county_code = :county_code
    and h.mo_type is not null
    and h.is_risk_cleared
    and coalesce(h.after_transfer_income_yuan, 0) = 0

with double as (
    select
        p.person_id,
        p.household_id,
        h.mo_type,
        p.record_key,
        p.delivery_id,
        p.source_row
    from core.identity_conflict as c
    inner join facts.rural_revitalisation_persons as p
        on c.record_key = p.record_key and p.county_code = :county_code
    inner join facts.rural_revitalisation_households as h
        on p.household_id = h.household_id and h.county_code = :county_code
    where
        c.county_code = :county_code
        and c.kind = 'two_households'
        and c.dataset = 'persons'
        and h.mo_type in ('unstable', 'marginal')
        and h.is_risk_cleared is not true
)

select
    a.household_id,
    a.person_id,
    'rural_revitalisation.persons' as dataset,
    a.record_key,
    a.delivery_id,
    a.source_row,
    'rural_revitalisation.persons' as other_dataset,
    b.record_key as other_record_key,
    b.delivery_id as other_delivery_id,
    b.source_row as other_source_row,
    a.mo_type as ev_mo_type,
    b.mo_type as ev_other_mo_type
from double as a
inner join double as b on a.person_id = b.person_id and a.household_id < b.household_id

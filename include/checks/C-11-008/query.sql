with dropped as (
    select p.household_id
    from facts.rural_revitalisation_persons as p
    inner join scope as s on p.household_id = s.household_id
    where p.county_code = :county_code and p.dropout_reason is not null
    union
    select l.household_id
    from facts.education_dropout_ledger as l
    inner join scope as s on l.household_id = s.household_id
    where l.county_code = :county_code and l.status in ('not_persuaded', 'persuading')
)

select
    h.household_id,
    'rural_revitalisation.households' as dataset,
    h.record_key,
    h.delivery_id,
    h.source_row,
    h.after_has_dropout as ev_after_has_dropout
from facts.rural_revitalisation_households as h
inner join scope as s on h.household_id = s.household_id
where
    h.county_code = :county_code
    and h.after_has_dropout
    and h.household_id not in (select d.household_id from dropped as d)
    and coalesce(h.size_now, 0) <= (
        select count(*) from facts.rural_revitalisation_persons as p
        where p.county_code = :county_code and p.household_id = h.household_id
    )

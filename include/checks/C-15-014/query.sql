with worker as (
    select p.household_id
    from facts.rural_revitalisation_persons as p
    inner join scope as s on p.household_id = s.household_id
    where p.county_code = :county_code and (p.work_months > 0 or p.public_post is not null)
    union
    select w.household_id
    from facts.employment_work_monthly as w
    inner join scope as s on w.household_id = s.household_id
    where w.county_code = :county_code and w.status in ('employed', 'flexible', 'unemployed')
)

select
    h.household_id,
    'rural_revitalisation.households' as dataset,
    h.record_key,
    h.delivery_id,
    h.source_row,
    h.size_now as ev_size_now
from facts.rural_revitalisation_households as h
inner join scope as s on h.household_id = s.household_id
where
    h.county_code = :county_code
    and 'employment' in (h.risk_1, h.risk_2, h.risk_3, h.risk_4, h.risk_5)
    and h.household_id not in (select w.household_id from worker as w)
    and coalesce(h.size_now, 0) <= (
        select count(*) from facts.rural_revitalisation_persons as p
        where p.county_code = :county_code and p.household_id = h.household_id
    )

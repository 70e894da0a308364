with measured as (
    select
        h.household_id,
        h.record_key,
        h.delivery_id,
        h.source_row,
        h.measure_employment,
        h.measure_public_post,
        h.size_now
    from facts.rural_revitalisation_households as h
    inner join scope as s on h.household_id = s.household_id
    where
        h.county_code = :county_code
        and h.mo_type is not null
        and h.is_risk_cleared
        and num_nonnulls(h.measure_employment, h.measure_public_post) > 0
),

worker as (
    select p.household_id
    from facts.rural_revitalisation_persons as p
    where
        p.county_code = :county_code
        and p.household_id in (select m.household_id from measured as m)
        and (p.work_months > 0 or p.public_post is not null)
    union all
    select w.household_id
    from facts.employment_work_monthly as w
    where
        w.county_code = :county_code
        and w.household_id in (select m.household_id from measured as m)
        and w.status in ('employed', 'flexible')
)

select
    h.household_id,
    'rural_revitalisation.households' as dataset,
    h.record_key,
    h.delivery_id,
    h.source_row,
    h.measure_employment as ev_measure_employment,
    h.measure_public_post as ev_measure_public_post
from measured as h
where
    h.household_id not in (select w.household_id from worker as w)
    and coalesce(h.size_now, 0) <= (
        select count(*) from facts.rural_revitalisation_persons as p
        where p.county_code = :county_code and p.household_id = h.household_id
    )

with roster as (
    select
        p.household_id,
        count(*) filter (
            where p.labour_skill in ('skilled', 'ordinary', 'weak') and p.student_status is null
        ) as able
    from facts.rural_revitalisation_persons as p
    inner join scope as s on p.household_id = s.household_id
    where p.county_code = :county_code
    group by p.household_id
)

select
    h.household_id,
    'rural_revitalisation.households' as dataset,
    h.record_key,
    h.delivery_id,
    h.source_row,
    r.able as ev_able_members,
    h.development_measure_state as ev_development_measure_state
from facts.rural_revitalisation_households as h
inner join roster as r on h.household_id = r.household_id
where
    h.county_code = :county_code
    and r.able > 0
    and coalesce(h.measure_industry, 'other') = 'other'
    and coalesce(h.measure_employment, 'other') = 'other'
    and coalesce(h.measure_finance, 'other') = 'other'
    and coalesce(h.measure_public_post, 'other') = 'other'

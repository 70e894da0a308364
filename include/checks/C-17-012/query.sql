with worker as (
    select p.household_id
    from facts.rural_revitalisation_persons as p
    inner join scope as s on p.household_id = s.household_id
    where p.county_code = :county_code and p.work_months > 0
    union all
    select w.household_id
    from facts.employment_work_monthly as w
    inner join scope as s on w.household_id = s.household_id
    where w.county_code = :county_code and w.status in ('employed', 'flexible')
)

select
    h.household_id,
    'rural_revitalisation.households' as dataset,
    h.record_key,
    h.delivery_id,
    h.source_row,
    h.measure_employment as ev_measure_employment,
    h.mo_identified_month as ev_mo_identified_month
from facts.rural_revitalisation_households as h
inner join scope as s on h.household_id = s.household_id
where
    h.county_code = :county_code
    and 'work_subsidy' = any(string_to_array(h.measure_employment, ','))
    and h.household_id not in (select w.household_id from worker as w)
    and coalesce(h.size_now, 0) <= (
        select count(*) from facts.rural_revitalisation_persons as p
        where p.county_code = :county_code and p.household_id = h.household_id
    )

with away as (
    select
        w.household_id,
        w.month,
        w.started_date
    from facts.employment_work_monthly as w
    inner join scope as s on w.household_id = s.household_id
    where
        w.county_code = :county_code
        and w.status in ('employed', 'flexible')
        and left(w.work_division_code, 6) <> :county_code
),

away_registered as (
    select p.household_id
    from facts.rural_revitalisation_persons as p
    inner join scope as s on p.household_id = s.household_id
    where p.county_code = :county_code and p.work_place in ('03', '04') and p.work_months > 0
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
    and string_to_array(h.measure_employment, ',') && array['labour_export', 'work_subsidy']
    and h.household_id not in (select r.household_id from away_registered as r)
    and not exists (
        select 1 from away as w
        where w.household_id = h.household_id and (w.month >= h.mo_identified_month or h.mo_identified_month is null)
    )
    and coalesce(h.size_now, 0) <= (
        select count(*) from facts.rural_revitalisation_persons as p
        where p.county_code = :county_code and p.household_id = h.household_id
    )

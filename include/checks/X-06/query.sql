with paid as (
    select distinct on (y.household_id, y.person_id)
        y.household_id,
        y.person_id,
        y.subsidy_type,
        y.record_key,
        y.delivery_id,
        y.source_row
    from facts.employment_work_subsidies as y
    inner join scope as s on y.household_id = s.household_id
    where y.county_code = :county_code and y.paid_date is not null
    order by y.household_id asc, y.person_id asc, y.paid_date desc, y.record_key asc
)

select
    y.household_id,
    y.person_id,
    'employment.work_subsidies' as dataset,
    y.record_key,
    y.delivery_id,
    y.source_row,
    y.subsidy_type as ev_subsidy_type
from paid as y
where
    not exists (
        select 1 from facts.employment_work_monthly as w
        where
            w.county_code = :county_code
            and w.household_id = y.household_id
            and w.person_id = y.person_id
            and w.status in ('employed', 'flexible')
    )
    and not exists (
        select 1 from facts.rural_revitalisation_persons as p
        where
            p.county_code = :county_code
            and p.household_id = y.household_id
            and p.person_id = y.person_id
            and p.work_months > 0
    )

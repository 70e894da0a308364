with unemployed as (
    select
        w.household_id,
        w.person_id,
        w.month,
        w.unemployed_date,
        w.ended_date,
        w.record_key,
        w.delivery_id,
        w.source_row
    from facts.employment_work_monthly as w
    inner join scope as s on w.household_id = s.household_id
    where w.county_code = :county_code and w.status = 'unemployed' and w.month <= :business_date
),

newest as (
    select
        u.*,
        coalesce(u.ended_date >= u.month, false)
        or exists (
            select 1 from facts.employment_work_monthly as w
            where
                w.county_code = :county_code
                and w.household_id = u.household_id
                and w.person_id = u.person_id
                and w.month = u.month - interval '1 month'
                and w.status = 'employed'
        ) as is_job_lost
    from unemployed as u
    where not exists (
        select 1 from facts.employment_work_monthly as w
        where
            w.county_code = :county_code
            and w.household_id = u.household_id
            and w.person_id = u.person_id
            and w.month > u.month
            and w.month <= :business_date
    )
)

select
    n.household_id,
    n.person_id,
    coalesce(n.unemployed_date, n.ended_date, n.month) as occurred_on,
    'employment.work_monthly' as dataset,
    n.record_key,
    n.delivery_id,
    n.source_row,
    n.month as ev_month,
    n.unemployed_date as ev_unemployed_since,
    n.ended_date as ev_left_on,
    n.is_job_lost as ev_is_job_lost
from newest as n
where n.is_job_lost or n.unemployed_date <= :business_date - :unemployed_days

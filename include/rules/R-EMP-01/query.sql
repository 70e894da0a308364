with report as (
    select
        w.household_id,
        w.person_id,
        w.month,
        w.status,
        w.unemployed_date,
        w.ended_date,
        w.record_key,
        w.delivery_id,
        w.source_row,
        lag(w.month) over person as month_before,
        lag(w.status) over person as status_before,
        lead(w.month) over person as month_after
    from facts.employment_work_monthly as w
    inner join scope as s on w.household_id = s.household_id
    where w.county_code = :county_code and w.month <= :business_date
    window person as (partition by w.household_id, w.person_id order by w.month, w.record_key)
),

lost as (
    select
        r.*,
        (r.status_before = 'employed' and r.month_before = r.month - interval '1 month')
        or r.ended_date >= r.month as is_job_lost
    from report as r
    where r.month_after is null and r.status = 'unemployed'
)

select
    t.household_id,
    t.person_id,
    coalesce(t.unemployed_date, t.ended_date, t.month) as occurred_on,
    'employment.work_monthly' as dataset,
    t.record_key,
    t.delivery_id,
    t.source_row,
    t.month as ev_month,
    t.unemployed_date as ev_unemployed_since,
    t.ended_date as ev_left_on,
    coalesce(t.is_job_lost, false) as ev_is_job_lost
from lost as t
where t.is_job_lost or t.unemployed_date <= :business_date - :unemployed_days

with spell as (
    select
        w.household_id,
        w.person_id,
        w.month,
        w.started_date,
        w.record_key,
        w.delivery_id,
        w.source_row,
        lag(w.ended_date) over previous_month as before_ended,
        lag(w.started_date) over previous_month as before_started,
        lag(w.record_key) over previous_month as before_key,
        lag(w.delivery_id) over previous_month as before_delivery,
        lag(w.source_row) over previous_month as before_row
    from facts.employment_work_monthly as w
    inner join scope as s on w.household_id = s.household_id
    where w.county_code = :county_code and w.started_date is not null
    window previous_month as (partition by w.person_id order by w.month, w.record_key)
)

select
    p.household_id,
    p.person_id,
    'employment.work_monthly' as dataset,
    p.record_key,
    p.delivery_id,
    p.source_row,
    'employment.work_monthly' as other_dataset,
    p.before_key as other_record_key,
    p.before_delivery as other_delivery_id,
    p.before_row as other_source_row,
    p.started_date as ev_started_date,
    p.before_ended as ev_before_ended_date
from spell as p
where p.started_date < p.before_ended and p.started_date > p.before_started

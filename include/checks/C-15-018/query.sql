with supported as (
    select
        t.household_id,
        t.person_id,
        t.record_key,
        t.delivery_id,
        t.source_row
    from facts.civil_affairs_destitute_support as t
    inner join scope as s on t.household_id = s.household_id
    where
        t.county_code = :county_code
        and (t.end_month is null or t.end_month > date_trunc('month', :business_date))
),

newest_work as (
    select distinct on (w.household_id, w.person_id)
        w.household_id,
        w.person_id,
        w.status,
        w.work_division_code,
        w.record_key,
        w.delivery_id,
        w.source_row
    from facts.employment_work_monthly as w
    where
        w.county_code = :county_code
        and w.month <= :business_date
        and w.household_id in (select t.household_id from supported as t)
    order by w.household_id asc, w.person_id asc, w.month desc, w.record_key asc
)

select
    t.household_id,
    t.person_id,
    'civil_affairs.destitute_support' as dataset,
    t.record_key,
    t.delivery_id,
    t.source_row,
    'employment.work_monthly' as other_dataset,
    w.record_key as other_record_key,
    w.delivery_id as other_delivery_id,
    w.source_row as other_source_row,
    left(w.work_division_code, 6) as ev_work_county
from supported as t
inner join newest_work as w on t.household_id = w.household_id and t.person_id = w.person_id
where w.status in ('employed', 'flexible')

with post as (
    select
        t.household_id,
        t.person_id,
        t.post_no,
        t.post_type,
        t.record_key,
        t.delivery_id,
        t.source_row
    from facts.employment_public_posts as t
    inner join scope as s on t.household_id = s.household_id
    where
        t.county_code = :county_code
        and (t.started_date is null or t.started_date <= :business_date)
        and (t.ended_date is null or t.ended_date > :business_date)
),

two_posts as (
    select
        a.*,
        'employment.public_posts' as other_dataset,
        b.record_key as other_record_key,
        b.delivery_id as other_delivery_id,
        b.source_row as other_source_row,
        b.post_type as other_kind
    from post as a
    inner join post as b on a.person_id = b.person_id and a.post_no < b.post_no
),

newest_work as (
    select distinct on (w.household_id, w.person_id)
        w.person_id,
        w.status,
        w.job_channel,
        w.work_division_code,
        w.record_key,
        w.delivery_id,
        w.source_row
    from facts.employment_work_monthly as w
    where
        w.county_code = :county_code
        and w.month <= :business_date
        and w.household_id in (select p.household_id from post as p)
    order by w.household_id asc, w.person_id asc, w.month desc, w.record_key asc
),

post_and_job as (
    select
        p.*,
        'employment.work_monthly' as other_dataset,
        w.record_key as other_record_key,
        w.delivery_id as other_delivery_id,
        w.source_row as other_source_row,
        w.job_channel as other_kind
    from post as p
    inner join newest_work as w on p.person_id = w.person_id
    where
        w.status in ('employed', 'flexible')
        and w.job_channel is distinct from 'public_post'
        and left(w.work_division_code, 6) <> :county_code
),

twice as (
    select t.* from two_posts as t
    union all
    select j.* from post_and_job as j
)

select
    t.household_id,
    t.person_id,
    'employment.public_posts' as dataset,
    t.record_key,
    t.delivery_id,
    t.source_row,
    t.other_dataset,
    t.other_record_key,
    t.other_delivery_id,
    t.other_source_row,
    t.post_type as ev_post_type,
    t.other_kind as ev_other_kind
from twice as t

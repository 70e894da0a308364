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

counted as (
    select
        p.*,
        count(*) over (partition by p.person_id) as posts,
        row_number() over (partition by p.person_id order by p.post_no) as number
    from post as p
)

select
    a.household_id,
    a.person_id,
    'employment.public_posts' as dataset,
    a.record_key,
    a.delivery_id,
    a.source_row,
    'employment.public_posts' as other_dataset,
    b.record_key as other_record_key,
    b.delivery_id as other_delivery_id,
    b.source_row as other_source_row,
    a.posts as ev_posts
from counted as a
inner join counted as b on a.person_id = b.person_id and b.number = 2
where a.posts >= :min_posts and a.number = 1

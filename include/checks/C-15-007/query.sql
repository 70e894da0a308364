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
)

select
    t.household_id,
    t.person_id,
    'employment.public_posts' as dataset,
    t.record_key,
    t.delivery_id,
    t.source_row,
    'rural_revitalisation.persons' as other_dataset,
    p.record_key as other_record_key,
    p.delivery_id as other_delivery_id,
    p.source_row as other_source_row,
    p.labour_skill as ev_labour_skill
from post as t
inner join facts.rural_revitalisation_persons as p
    on t.household_id = p.household_id and t.person_id = p.person_id and p.county_code = :county_code
where p.labour_skill in ('lost', 'none')

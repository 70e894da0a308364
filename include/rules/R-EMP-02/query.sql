with post as (
    select
        p.household_id,
        p.person_id,
        p.post_no,
        p.post_type,
        p.contract_end_date,
        p.record_key,
        p.delivery_id,
        p.source_row,
        max(p.contract_end_date) over (partition by p.household_id, p.person_id) as last_contract_end
    from facts.employment_public_posts as p
    inner join scope as s on p.household_id = s.household_id
    where
        p.county_code = :county_code
        and (p.ended_date is null or p.ended_date > :business_date)
)

select
    t.household_id,
    t.person_id,
    t.contract_end_date as occurred_on,
    'employment.public_posts' as dataset,
    t.record_key,
    t.delivery_id,
    t.source_row,
    t.post_no as ev_post_no,
    t.post_type as ev_post_type,
    t.contract_end_date as ev_contract_end_date
from post as t
where
    t.contract_end_date >= :business_date
    and t.contract_end_date <= :business_date + :notice_days
    and t.last_contract_end <= :business_date + :notice_days

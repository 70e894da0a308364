-- In from notice_days before the end until the day itself; a post also leaves when its holder does.
with post as (
    select
        p.household_id,
        p.contract_end_date,
        p.ended_date
    from facts.employment_public_posts as p
    inner join scope as s on p.household_id = s.household_id
    where p.county_code = :county_code
)

select
    t.household_id,
    t.contract_end_date - :notice_days as wake_on
from post as t
union all
select
    t.household_id,
    t.contract_end_date + 1 as wake_on
from post as t
union all
select
    t.household_id,
    t.ended_date as wake_on
from post as t
where t.ended_date is not null

-- New in its first month only; a start that lies ahead begins to count on its day.
with start as (
    select
        d.household_id,
        d.start_month
    from facts.civil_affairs_dibao as d
    inner join scope as s on d.household_id = s.household_id
    where d.county_code = :county_code and d.start_month >= date_trunc('month', :business_date)
)

select
    t.household_id,
    t.start_month as wake_on
from start as t
union all
select
    t.household_id,
    (t.start_month + interval '1 month')::date as wake_on
from start as t

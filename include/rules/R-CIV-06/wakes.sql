-- A relief begins to count on its day and leaves the window some months later.
with relief as (
    select
        r.household_id,
        coalesce(r.paid_date, r.approved_date, r.applied_date) as granted_on
    from facts.civil_affairs_temporary_relief as r
    inner join scope as s on r.household_id = s.household_id
    where r.county_code = :county_code
)

select
    r.household_id,
    r.granted_on as wake_on
from relief as r
union all
select
    r.household_id,
    (r.granted_on + make_interval(months => :window_months))::date as wake_on
from relief as r

-- A post counts from its first day until the day it ended.
select
    t.household_id,
    d.wake_on
from facts.employment_public_posts as t
inner join scope as s on t.household_id = s.household_id
cross join lateral (values (t.started_date), (t.ended_date)) as d (wake_on)
where t.county_code = :county_code and d.wake_on > :business_date

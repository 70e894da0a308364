-- Household numbers that a department names and nobody else knows.
insert into core.household (county_code, household_id, household_no, anchor, basis)
select distinct
    :county,
    t.household_no,
    t.household_no,
    md5(t.household_no)::uuid,
    'delivered'
from touched_household as t
on conflict do nothing

-- Whichever household a record names, when nothing was settled before.
insert into touched_household (household_no, from_date)
select
    o.this_household_no as household_no,
    min(o.business_date) as from_date
from changes.this_dataset as o
where o.county_code = :county and o.this_household_no is not null
group by o.this_household_no

-- Whichever household a changed record names or named.
insert into touched_household (household_no, from_date)
select distinct
    o.this_household_no,
    n.business_date
from changes.this_dataset as n
inner join changes.this_dataset as o on n.record_key = o.record_key and n.county_code = o.county_code
where n.county_code = :county and n.change_id > :settled and o.this_household_no is not null

-- Business dates the board can show, newest first.
select d.business_date
from (
    select c.business_date from ops.conclusion as c
    where c.county_code = :county
    union
    select r.business_date from ops.receipt as r
    where r.county_code = :county
) as d
order by d.business_date desc
limit 60

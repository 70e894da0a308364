insert into core.affected_household (county_code, business_date, household_id)
select
    h.county_code,
    b.business_date,
    h.household_id
from core.household as h
inner join (select distinct county_code, business_date from ops.diff_base) as b on h.county_code = b.county_code
where h.county_code = :county
order by b.business_date, h.household_id
on conflict do nothing

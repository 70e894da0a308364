insert into core.affected_household (county_code, business_date, household_id)
select distinct
    h.county_code,
    b.business_date,
    h.household_id
from core.household as h
inner join ops.diff_base as b on h.county_code = b.county_code
where h.county_code = :county
on conflict do nothing

with night as (
    select distinct b.business_date
    from ops.diff_base as b
    where b.county_code = :county
)

insert into core.affected_household (county_code, business_date, household_id)
select
    h.county_code,
    night.business_date,
    h.household_id
from core.household as h
cross join night
where h.county_code = :county
order by night.business_date, h.household_id

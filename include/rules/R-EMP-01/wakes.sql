-- Registered unemployment becomes a signal some days after its date; a month reported ahead counts from its first.
select
    w.household_id,
    w.unemployed_date + :unemployed_days as wake_on
from facts.employment_work_monthly as w
inner join scope as s on w.household_id = s.household_id
where w.county_code = :county_code and w.status = 'unemployed'
union all
select
    w.household_id,
    w.month as wake_on
from facts.employment_work_monthly as w
inner join scope as s on w.household_id = s.household_id
where w.county_code = :county_code and w.month > :business_date

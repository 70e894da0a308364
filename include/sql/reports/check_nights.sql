-- Checks that could not be judged in full on a business date, with the reason.
select
    r.check_id,
    r.status,
    r.reason
from consistency.check_run as r
where r.county_code = :county and r.business_date = :business_date and r.status <> 'ok'
order by r.check_id

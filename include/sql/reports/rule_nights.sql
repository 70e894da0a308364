-- What each rule did on a business date.
select
    r.rule_id,
    r.status,
    r.reason
from monitoring.rule_run as r
where r.county_code = :county and r.business_date = :business_date

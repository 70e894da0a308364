-- A signal that went leaves the window some days later.
select
    h.household_id,
    h.valid_to + :window_days as wake_on
from monitoring.hit as h
inner join scope as s on h.household_id = s.household_id
where h.county_code = :county_code and h.rule_id <> 'R-SPX-01' and h.valid_to < 'infinity'

-- Waivers that are over, by time or by a person, whose rows have not been judged again yet.
select
    waiver_id,
    department,
    dataset,
    record_key
from quality.waiver
where
    county_code = :county
    and ended_on is null
    and (valid_until < :on or ended_at is not null)
order by department, dataset, waiver_id;

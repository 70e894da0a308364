-- Logs that went on since households were last settled.
select
    department,
    dataset,
    last_change_id,
    settled_change_id
from changes.head
where county_code = :county and settled_change_id < last_change_id
order by department, dataset

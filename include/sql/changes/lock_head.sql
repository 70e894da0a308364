select
    last_change_id,
    recorded_at
from changes.head
where county_code = :county and department = :department and dataset = :dataset
for update

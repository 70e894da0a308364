-- Asked after the lock is held: recording times rise with every merge, even when the clock does not.
select
    last_change_id,
    greatest(clock_timestamp(), recorded_at + interval '1 microsecond') as recorded_at
from changes.head
where county_code = :county and department = :department and dataset = :dataset

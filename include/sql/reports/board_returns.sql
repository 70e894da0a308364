-- What is open at each department, since when, and what of the last 30 days is settled. Counts and dates only.
select
    department,
    count(*) filter (where closed_on is null) as open_rows,
    count(*) filter (where closed_on is null and opened_on = :day) as new_rows,
    min(coalesce(first_opened_on, opened_on)) filter (where closed_on is null) as oldest_on,
    count(*) filter (where closed_on > cast(:day as date) - 30) as closed_rows,
    count(*) filter (
        where closed_on > cast(:day as date) - 30 and state in ('corrected', 'accepted', 'superseded')
    ) as fixed_rows
from quality.quarantined_row
where county_code = :county and opened_on <= :day
group by department

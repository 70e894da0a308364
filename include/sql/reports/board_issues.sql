-- Open findings of the checks by level, as of a business date.
select
    f.level,
    count(*) as open,
    count(*) filter (where f.is_new) as new,
    count(*) filter (where f.is_overdue) as overdue
from consistency.findings(:county, :business_date) as f
where f.is_open
group by f.level
order by f.level

-- Open quarantined items by department, dataset and age band; `bands` are the inclusive upper ends in days.
select
    open_items.department,
    open_items.dataset,
    width_bucket(open_items.age_days - 1, cast(:bands as integer[])) as band,
    count(*) as items,
    count(*) filter (where open_items.is_recurring) as recurring,
    max(open_items.age_days) as oldest_days
from quality.open_items(:county, :business_date) as open_items
where open_items.kind = 'quarantined'
group by open_items.department, open_items.dataset, band
order by open_items.department, open_items.dataset, band;

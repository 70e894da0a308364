-- Open and settled rows of each department over a span of weeks, all datasets together; rates are those of all
-- rows in it, not means of weeks. What goes back on the day itself does not count yet: nobody could have mended it,
-- and a pack that is written again says what it said first.
with last_item as (
    select
        item.department,
        item.first_opened_on,
        item.closed_on,
        item.is_recurring,
        item.closed_on is null or item.closed_on > cast(:business_date as date) as is_open,
        item.state in ('corrected', 'accepted') and item.closed_on <= :business_date as is_fixed,
        item.returned_on < :business_date
        or item.tries > 0
        or item.state in ('corrected', 'accepted', 'waived', 'void') as is_returned
    from quality.item
    where
        item.county_code = :county
        and item.kind = 'quarantined'
        and item.opened_on <= :business_date
        and not (item.state = 'replaced' and item.closed_on <= :business_date)
        and item.first_opened_on > cast(:business_date as date) - cast(:days as integer)
)

select
    department,
    count(*) filter (where is_open) as open,
    percentile_cont(0.5) within group (order by cast(:business_date as date) - first_opened_on)
    filter (where is_open) as median_open_days,
    max(cast(:business_date as date) - first_opened_on) filter (where is_open) as oldest_open_days,
    count(*) filter (where is_returned) as returned,
    count(*) filter (where is_fixed) as fixed,
    100.0 * count(*) filter (where is_fixed) / nullif(count(*) filter (where is_returned), 0) as fix_rate_pct,
    percentile_cont(0.5) within group (order by closed_on - first_opened_on)
    filter (where is_fixed) as median_days_to_fix,
    count(*) filter (where is_recurring) as recurring
from last_item
group by department
order by department;

-- What became of returned rows, by the week their trouble began: for each rule, and over all rules (rule_id
-- null). A row that went on as another item counts once, as the last of them. Only quarantined rows: a warned
-- row is in the warehouse.
--
-- returned: went back to the office; fixed: closed by its correction; at_source: its own system delivered a
-- good row; recurring: had been settled, and came again.
create or replace view quality.return_rates as
with last_item as (
    select
        item.county_code,
        item.row_id,
        item.department,
        item.dataset,
        item.state,
        item.first_opened_on,
        item.closed_on,
        item.is_recurring,
        date_trunc('week', item.first_opened_on)::date as week,
        item.state in ('corrected', 'accepted') as is_fixed,
        item.returned_on is not null
        or item.tries > 0
        or item.state in ('returned', 'corrected', 'accepted', 'waived', 'void') as is_returned
    from quality.item
    where item.kind = 'quarantined' and item.state <> 'replaced'
),

told as (
    select
        last_item.*,
        null::text as rule_id
    from last_item
    union all
    select
        last_item.*,
        finding.rule_id
    from last_item
    inner join quality.finding using (county_code, row_id)
    where finding.severity = 'fix'
)

select
    county_code,
    department,
    dataset,
    rule_id,
    week,
    count(*) as items,
    count(*) filter (where is_returned) as returned,
    count(*) filter (where is_fixed) as fixed,
    count(*) filter (where state = 'superseded') as at_source,
    count(*) filter (where state = 'waived') as waived,
    count(*) filter (where state = 'void') as void,
    count(*) filter (where state = 'expired') as expired,
    count(*) filter (where state in ('open', 'returned')) as still_open,
    count(*) filter (where is_recurring) as recurring,
    100.0 * count(*) filter (where is_fixed) / nullif(count(*) filter (where is_returned), 0) as fix_rate_pct,
    percentile_cont(0.5) within group (order by closed_on - first_opened_on)
    filter (where is_fixed) as median_days_to_fix
from told
group by county_code, department, dataset, rule_id, week;

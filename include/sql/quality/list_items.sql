select
    open_items.row_id,
    open_items.kind,
    open_items.department,
    open_items.dataset,
    open_items.state,
    open_items.opened_on,
    open_items.first_opened_on,
    open_items.age_days,
    open_items.tries,
    open_items.is_recurring,
    open_items.returned_on,
    open_items.delivery_id,
    open_items.source_file,
    open_items.source_line,
    array(
        select finding.rule_id
        from quality.finding
        where finding.county_code = :county and finding.row_id = open_items.row_id
        order by finding.rule_id
    ) as rules
from quality.open_items(:county, :business_date) as open_items
order by
    open_items.first_opened_on, open_items.department, open_items.dataset, open_items.delivery_id,
    open_items.source_row, open_items.kind;

-- The items a row went on from and as, oldest first.
with recursive before_it as (
    select
        item.row_id,
        item.origin_row_id
    from quality.item
    where item.county_code = :county and item.row_id = :row
    union
    select
        item.row_id,
        item.origin_row_id
    from quality.item
    inner join before_it on item.row_id = before_it.origin_row_id
    where item.county_code = :county
),

after_it as (
    select item.row_id
    from quality.item
    where item.county_code = :county and item.row_id = :row
    union
    select item.row_id
    from quality.item
    inner join after_it on item.origin_row_id = after_it.row_id
    where item.county_code = :county
)

select
    item.row_id,
    item.kind,
    item.department,
    item.dataset,
    item.state,
    item.opened_on,
    item.closed_on,
    item.closed_by,
    item.first_opened_on,
    item.tries,
    item.is_recurring,
    item.returned_on,
    item.contract_version,
    item.delivery_id,
    item.source_file,
    item.source_line,
    item.source_row
from quality.item
where
    item.county_code = :county
    and item.row_id in (
        select before_it.row_id from before_it
        union
        select after_it.row_id from after_it
    )
order by item.opened_on, item.delivery_id, item.source_row;

-- Enters the items of one delivery into quarantined_row or warned_row. A new item goes on from the one it
-- replaced, else from the last one with the same content, whichever table that is in: so ageing and tries go on,
-- and what was settled once and came again is marked as recurring. Of a delivery that comes late, a row that a
-- later one opened an item for is entered as replaced by that one: it stays open for both, and this one is
-- opened should the later one be taken back.
create temporary table former_$table on commit drop as
select distinct on (staged.row_id)
    staged.row_id,
    item.row_id as origin_row_id,
    item.state in ('corrected', 'accepted', 'void') as is_recurring,
    case when item.state in ('replaced', 'waived', 'expired') then item.first_opened_on end as first_opened_on,
    item.tries + (
        select count(*) from quality.correction
        where correction.county_code = :county and correction.row_id = item.row_id and not correction.is_confirmed
    ) as tries
from stage_row as staged
inner join quality.item on staged.record_key = item.record_key
inner join ops.delivery as entered on item.delivery_id = entered.delivery_id
inner join ops.delivery as this_delivery on this_delivery.delivery_id = :delivery
where
    staged.kind = :kept
    and item.county_code = :county
    and item.department = :department
    and item.dataset = :dataset
    and item.delivery_id <> :delivery
    and (entered.business_date, entered.landed_at) < (this_delivery.business_date, this_delivery.landed_at)
    and (
        (item.closed_by = :delivery and item.state = 'replaced')
        or (
            item.row_hash = staged.row_hash
            and item.closed_on is not null
            and item.state in ('corrected', 'accepted', 'waived', 'void', 'expired')
        )
    )
order by
    staged.row_id asc, item.state = 'replaced' desc, item.kind = :kept desc, item.opened_on desc, item.row_id asc;

create temporary table later_$table on commit drop as
select
    staged.row_id,
    item.row_id as later_row_id,
    item.delivery_id as closed_by,
    item.opened_on as closed_on
from quality.$table as item
inner join stage_row as staged on item.record_key = staged.record_key and item.row_hash = staged.row_hash
inner join ops.delivery as entered on item.delivery_id = entered.delivery_id
inner join ops.delivery as this_delivery on this_delivery.delivery_id = :delivery
where
    staged.kind = :kept
    and item.county_code = :county
    and item.department = :department
    and item.dataset = :dataset
    and item.closed_on is null
    and (entered.business_date, entered.landed_at) > (this_delivery.business_date, this_delivery.landed_at);

insert into quality.$table (
    county_code, row_id, department, dataset, record_key, row_hash, copies, delivery_id, source_file, source_line,
    source_row, business_date, contract_version, state, opened_on, closed_on, closed_by, origin_row_id,
    first_opened_on, tries, is_recurring, returned_on, workbook_id
)
select
    :county,
    staged.row_id,
    :department,
    :dataset,
    staged.record_key,
    staged.row_hash,
    staged.copies,
    :delivery,
    staged.source_file,
    staged.source_line,
    staged.source_row,
    :business_date,
    :version,
    case when later.row_id is not null then 'replaced' else coalesce(own.state, 'open') end,
    coalesce(own.opened_on, :business_date),
    coalesce(later.closed_on, own.closed_on),
    coalesce(later.closed_by, own.closed_by),
    coalesce(own.origin_row_id, former.origin_row_id),
    coalesce(own.first_opened_on, former.first_opened_on, :business_date),
    coalesce(own.tries, former.tries, 0),
    coalesce(own.is_recurring, former.is_recurring, false)
    or exists (
        select 1 from stage_finding
        where stage_finding.row_id = staged.row_id and stage_finding.rule_id like '%.row.recurring'
    ),
    own.returned_on,
    own.workbook_id
from stage_row as staged
left join own_$table as own on staged.row_id = own.row_id
left join former_$table as former on staged.row_id = former.row_id
left join later_$table as later on staged.row_id = later.row_id
where
    staged.kind = :kept
    and (
        own.closed_on is not null
        or later.row_id is not null
        or not exists (
            select 1 from quality.$table as other
            where
                other.county_code = :county
                and other.department = :department
                and other.dataset = :dataset
                and other.record_key = staged.record_key
                and other.row_hash = staged.row_hash
                and other.closed_on is null
        )
    );

update quality.$table as item
set first_opened_on = least(item.first_opened_on, entered.first_opened_on)
from later_$table as later
inner join quality.$table as entered on later.row_id = entered.row_id and entered.county_code = :county
where item.county_code = :county and item.row_id = later.later_row_id;

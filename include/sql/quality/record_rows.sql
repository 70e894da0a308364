-- One of quarantined_row and warned_row, for one delivery. Items of earlier deliveries that it touches are
-- closed; what it closed in an earlier run and no longer settles is opened again; its own items are replaced,
-- keeping what later nights already made of them.
create temporary table settled_$table on commit drop as
with this_delivery as (
    select
        business_date,
        landed_at
    from ops.delivery
    where delivery_id = :delivery
),

earlier as (
    select
        item.row_id,
        item.record_key,
        item.row_hash
    from quality.$table as item
    inner join ops.delivery on item.delivery_id = delivery.delivery_id
    cross join this_delivery
    where
        item.county_code = :county
        and item.department = :department
        and item.dataset = :dataset
        and item.delivery_id <> :delivery
        and (item.closed_on is null or item.closed_by = :delivery)
        and (delivery.business_date, delivery.landed_at) < (this_delivery.business_date, this_delivery.landed_at)
)

select
    earlier.row_id,
    case
        when bool_or(stage_touched.outcome = any(:good)) then 'superseded'
        when bool_or(stage_touched.outcome in ('quarantined', 'warned')) then 'replaced'
        else 'gone'
    end as state
from earlier
inner join stage_touched on earlier.record_key = stage_touched.record_key
group by earlier.row_id
having not coalesce(bool_or(stage_touched.outcome = :kept and stage_touched.row_hash = earlier.row_hash), false);

create temporary table own_$table on commit drop as
select
    row_id,
    state,
    opened_on,
    closed_on,
    closed_by
from quality.$table
where county_code = :county and delivery_id = :delivery;

delete from quality.finding
using own_$table
where finding.county_code = :county and finding.row_id = own_$table.row_id;

delete from quality.$table
where county_code = :county and delivery_id = :delivery;

update quality.$table as item
set state = settled.state, closed_on = :business_date, closed_by = :delivery
from settled_$table as settled
where item.county_code = :county and item.row_id = settled.row_id;

update quality.$table as item
set state = 'open', closed_on = null, closed_by = null
where
    item.county_code = :county
    and item.closed_by = :delivery
    and not exists (select 1 from settled_$table as settled where settled.row_id = item.row_id)
    and not exists (
        select 1 from quality.$table as other
        where
            other.county_code = item.county_code
            and other.department = item.department
            and other.dataset = item.dataset
            and other.record_key = item.record_key
            and other.row_hash = item.row_hash
            and other.closed_on is null
    );

insert into quality.$table (
    county_code, row_id, department, dataset, record_key, row_hash, copies, delivery_id, source_file, source_line,
    source_row, business_date, contract_version, state, opened_on, closed_on, closed_by
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
    coalesce(own.state, 'open'),
    coalesce(own.opened_on, :business_date),
    own.closed_on,
    own.closed_by
from stage_row as staged
left join own_$table as own on staged.row_id = own.row_id
where
    staged.kind = :kept
    and (
        own.closed_on is not null
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

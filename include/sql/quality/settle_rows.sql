-- One of quarantined_row and warned_row, for one delivery. Items of earlier deliveries that it touches are
-- closed, answered ones as what the answer was; what it closed in an earlier run and no longer settles is
-- opened again; its own items are taken out, to be entered anew by record_rows.sql, which keeps what later
-- nights already made of them. An expired item still waits for a good row. One of its own whose row is unchanged
-- now, because a delivery that came late brought it first, stays for both (see record_rows.sql).
create temporary table settled_$table on commit drop as
with this_delivery as (
    select
        business_date,
        landed_at,
        origin,
        case when merged_at is null then 'corrected' else 'accepted' end as taken
    from ops.delivery
    where delivery_id = :delivery
),

earlier as (
    select
        item.row_id,
        item.record_key,
        item.row_hash,
        case correction.decision
            when 'correct' then this_delivery.taken
            when 'waive' then 'waived'
            when 'void' then 'void'
        end as answered,
        case
            when this_delivery.origin <> 'replay' then 'superseded'
            when exists (
                select 1
                from quality.waiver
                inner join quality.finding
                    on waiver.county_code = finding.county_code and finding.rule_id = any(waiver.rule_ids)
                where
                    waiver.county_code = item.county_code
                    and waiver.department = item.department
                    and waiver.dataset = item.dataset
                    and waiver.record_key = item.record_key
                    and finding.row_id = item.row_id
                    and waiver.valid_from <= this_delivery.business_date
                    and waiver.valid_until >= this_delivery.business_date
                    and waiver.entered_at <= this_delivery.landed_at
                    and (waiver.ended_at is null or waiver.ended_at > this_delivery.landed_at)
            ) then 'waived'
            else this_delivery.taken
        end as overtaken
    from quality.$table as item
    inner join ops.delivery on item.delivery_id = delivery.delivery_id
    cross join this_delivery
    left join quality.correction
        on
            item.county_code = correction.county_code
            and item.row_id = correction.row_id
            and correction.delivery_id = :delivery
    where
        item.county_code = :county
        and item.department = :department
        and item.dataset = :dataset
        and item.delivery_id <> :delivery
        and (item.closed_on is null or item.closed_by = :delivery or item.state = 'expired')
        and (delivery.business_date, delivery.landed_at) < (this_delivery.business_date, this_delivery.landed_at)
)

select
    earlier.row_id,
    case
        when earlier.answered = 'void' then 'void'
        when
            bool_or(stage_touched.outcome = any(:good) or stage_touched.outcome = 'withdrawn')
            then coalesce(
                earlier.answered,
                case when bool_or(stage_touched.outcome = any(:good)) then earlier.overtaken else 'gone' end
            )
        when bool_or(stage_touched.outcome in ('quarantined', 'warned')) then 'replaced'
        else 'gone'
    end as state
from earlier
inner join stage_touched on earlier.record_key = stage_touched.record_key
group by earlier.row_id, earlier.answered, earlier.overtaken
having not coalesce(bool_or(stage_touched.outcome = :kept and stage_touched.row_hash = earlier.row_hash), false);

create temporary table own_$table on commit drop as
select
    row_id,
    state,
    opened_on,
    closed_on,
    closed_by,
    origin_row_id,
    first_opened_on,
    tries,
    is_recurring,
    returned_on,
    workbook_id
from quality.$table
where county_code = :county and delivery_id = :delivery;

create temporary table stays_$table on commit drop as
select own.row_id
from quality.$table as own
where
    own.county_code = :county
    and own.delivery_id = :delivery
    and own.closed_on is null
    and :is_accepted
    and not exists (select 1 from stage_touched where stage_touched.record_key = own.record_key)
    and not exists (
        select 1 from stage_row where stage_row.kind = :kept and stage_row.record_key = own.record_key
    )
    and exists (
        select 1 from quality.$table as late
        where
            late.county_code = own.county_code
            and late.department = own.department
            and late.dataset = own.dataset
            and late.record_key = own.record_key
            and late.row_hash = own.row_hash
            and late.delivery_id <> :delivery
            and late.closed_by = :delivery
            and late.state = 'replaced'
    );

delete from own_$table
using stays_$table as stays
where own_$table.row_id = stays.row_id;

delete from quality.finding
using own_$table
where finding.county_code = :county and finding.row_id = own_$table.row_id;

delete from quality.$table as item
using own_$table as own
where item.county_code = :county and item.row_id = own.row_id;

update quality.$table as item
set state = settled.state, closed_on = :business_date, closed_by = :delivery
from settled_$table as settled
where item.county_code = :county and item.row_id = settled.row_id;

update quality.$table as item
set
    state = case when item.returned_on is null then 'open' else 'returned' end,
    closed_on = null,
    closed_by = null
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

-- What offices have corrected or struck out before a delivery: contents that are not to come again. An item
-- that went on from others settles their contents too. The last word on a content counts.
with recursive answer as (
    select
        correction.row_id,
        correction.decision,
        correction.new_op,
        correction.new_key,
        correction.new_hash,
        correction.business_date,
        correction.landed_at,
        correction.record_key,
        correction.row_hash
    from quality.correction
    where
        correction.county_code = :county
        and correction.department = :department
        and correction.dataset = :dataset
        and correction.is_confirmed
        and (correction.business_date, correction.landed_at) < (:business_date, cast(:landed_at as timestamptz))
),

item as (
    select
        row_id,
        record_key,
        row_hash,
        state,
        origin_row_id
    from quality.item
    where county_code = :county and department = :department and dataset = :dataset
),

lineage as (
    select
        row_id,
        row_id as ancestor_id
    from answer
    union
    select
        lineage.row_id,
        former.row_id as ancestor_id
    from lineage
    inner join item on lineage.ancestor_id = item.row_id
    inner join item as former on item.origin_row_id = former.row_id and former.state = 'replaced'
),

settled as (
    select distinct on (content.record_key, content.row_hash)
        content.record_key,
        content.row_hash,
        answer.decision,
        answer.new_op,
        answer.new_key,
        answer.new_hash
    from answer
    inner join lineage on answer.row_id = lineage.row_id
    inner join lateral (
        select
            item.record_key,
            item.row_hash
        from item
        where item.row_id = lineage.ancestor_id
        union all
        select
            answer.record_key,
            answer.row_hash
    ) as content on true
    order by content.record_key, content.row_hash, answer.business_date desc, answer.landed_at desc
)

select
    record_key,
    row_hash,
    new_op,
    new_key,
    new_hash
from settled
where
    decision in ('correct', 'void')
    and (new_op = 'D' or (new_key, new_hash) <> (record_key, row_hash));

-- What the log says of the affected records: one row for each stretch of days with the same content. Of one
-- business date the last entry counts; withdrawn and absent records leave a gap.
create temporary table timeline on commit drop as
with entry as (
    select
        c.record_key,
        c.change_id,
        c.business_date,
        c.row_hash,
        lead(c.business_date) over (partition by c.record_key order by c.business_date, c.change_id) as next_date
    from affected as a
    inner join changes.this_dataset as c on a.record_key = c.record_key and c.county_code = :county
),

last_of_day as (
    select
        record_key,
        change_id,
        business_date,
        row_hash,
        lag(row_hash) over (partition by record_key order by business_date) as hash_before
    from entry
    where next_date is distinct from business_date
),

turn as (
    select
        record_key,
        change_id,
        row_hash,
        business_date as valid_from,
        lead(business_date, 1, 'infinity') over (partition by record_key order by business_date) as valid_to
    from last_of_day
    where row_hash is distinct from hash_before
)

select
    record_key,
    change_id,
    row_hash,
    valid_from,
    valid_to
from turn
where row_hash is not null

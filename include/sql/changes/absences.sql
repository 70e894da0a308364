-- Records that a full delivery no longer holds, where they stood until that day.
insert into changes.this_dataset (
    change_id, county_code, record_key, business_date, recorded_at, op, delivery_id
)
select
    :last_change_id + row_number() over (order by g.record_key) as change_id,
    :county as county_code,
    g.record_key,
    :business_date as business_date,
    :recorded_at as recorded_at,
    'A' as op,
    :delivery as delivery_id
from gone as g
where exists (
    select 1 from standing as s
    where s.record_key = g.record_key
)

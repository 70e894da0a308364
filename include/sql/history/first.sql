-- The projection of a first load: each record stands from that night on, with its last row.
select
    c.county_code,
    c.record_key,
    c.change_id,
    c.row_hash,
    c.business_date as valid_from,
    'infinity'::date as valid_to,
    c.recorded_at as known_from,
    'infinity'::timestamptz as known_to
from changes.this_dataset as c
where c.county_code = :county and c.change_id <> all(:superseded)

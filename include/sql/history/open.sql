insert into history.this_dataset (
    county_code, record_key, change_id, row_hash, valid_from, valid_to, known_from, known_to
)
select
    :county as county_code,
    t.record_key,
    t.change_id,
    t.row_hash,
    t.valid_from,
    t.valid_to,
    :recorded_at as known_from,
    'infinity' as known_to
from timeline as t
where not exists (
    select 1 from history.this_dataset as h
    where
        h.change_id = t.change_id
        and h.county_code = :county
        and h.known_to = 'infinity'
)

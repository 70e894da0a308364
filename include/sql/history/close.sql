update history.this_dataset as h
set known_to = :recorded_at
from affected as a
where
    h.record_key = a.record_key
    and h.county_code = :county
    and h.known_to = 'infinity'
    and not exists (
        select 1 from timeline as t
        where
            t.record_key = h.record_key
            and t.change_id = h.change_id
            and t.valid_from = h.valid_from
            and t.valid_to = h.valid_to
    )

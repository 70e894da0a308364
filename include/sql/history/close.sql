update history.this_dataset as h
set known_to = :recorded_at
from affected as a
inner join changes.this_dataset as c on a.record_key = c.record_key and c.county_code = :county
where
    h.change_id = c.change_id
    and h.county_code = :county
    and h.known_to = 'infinity'
    and not exists (
        select 1 from timeline as t
        where t.change_id = h.change_id and t.valid_from = h.valid_from and t.valid_to = h.valid_to
    )

-- What the log already says of that day is not said again: a repeated row, a withdrawal of what is not there.
insert into changes.this_dataset
select i.*
from incoming as i
where
    (i.row_hash is not null) = not exists (
        select 1 from history.this_dataset as h
        where
            h.record_key = i.record_key
            and h.county_code = :county
            and h.known_to = 'infinity'
            and h.valid_from <= :business_date
            and h.valid_to > :business_date
            and (h.row_hash = i.row_hash or i.row_hash is null)
    )

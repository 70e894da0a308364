-- What the log already says of that day is not said again: a repeated row, a withdrawal of what is not there.
insert into changes.this_dataset
select i.*
from incoming as i
where
    (i.row_hash is not null) = not exists (
        select 1 from standing as s
        where s.record_key = i.record_key and (s.row_hash = i.row_hash or i.row_hash is null)
    )

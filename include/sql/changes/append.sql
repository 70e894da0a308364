-- What the log already says of that day is not said again: a repeated row, a withdrawal of what is not there.
insert into changes.this_dataset
select i.* -- noqa: AM04
from incoming as i
left join standing as s on i.record_key = s.record_key
where i.row_hash is distinct from s.row_hash

-- The records in play, and what they hold on that day as far as the log goes.
create temporary table affected on commit drop as
select i.record_key from incoming as i
union
select g.record_key from gone as g;
analyze incoming (record_key), affected;
create temporary table standing on commit drop as
select
    c.record_key,
    h.row_hash
from affected as a
inner join changes.this_dataset as c on a.record_key = c.record_key and c.county_code = :county
inner join history.this_dataset as h on c.change_id = h.change_id and h.county_code = :county
where
    h.known_to = 'infinity'
    and h.valid_from <= :business_date
    and h.valid_to > :business_date;
analyze standing

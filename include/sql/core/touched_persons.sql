-- Whoever a changed record is or was about.
insert into touched_person (person_id, from_date)
select distinct
    o.subject_token,
    n.business_date
from changes.this_dataset as n
inner join changes.this_dataset as o on n.record_key = o.record_key and n.county_code = o.county_code
where n.county_code = :county and n.change_id > :settled and o.subject_token is not null

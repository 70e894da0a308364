-- What the county knows of each candidate already.
create temporary table met_person on commit drop as
select
    c.person_id,
    c.record_key,
    p.person_id is null as is_new,
    c.name_token <> p.name_token as is_named_otherwise
from candidate_person as c
left join core.person as p on c.person_id = p.person_id and p.county_code = :county

-- Who is not in the register yet.
select distinct c.person_id
from candidate_person as c
where
    not exists (
        select 1 from core.person as p
        where p.person_id = c.person_id and p.county_code = :county
    )

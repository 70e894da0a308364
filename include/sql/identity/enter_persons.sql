-- Rows go in by token, so that two deliveries at once wait for each other instead of deadlocking. A delivery
-- of an earlier night may come later: the day a person was first seen moves back then.
insert into core.person as p (
    county_code, person_id, is_provisional, name_masked, name_token, id_masked, sex, birth_date, first_seen
)
select
    :county,
    c.person_id,
    c.is_provisional,
    c.name_masked,
    c.name_token,
    c.id_masked,
    c.sex,
    c.birth_date,
    :business_date
from candidate_person as c
where not exists (
    select 1 from core.person as known
    where
        known.person_id = c.person_id
        and known.county_code = :county
        and known.first_seen <= :business_date
)
order by c.person_id
on conflict (person_id, county_code) do update
set first_seen = excluded.first_seen
where p.first_seen > excluded.first_seen

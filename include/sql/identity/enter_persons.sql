-- Rows go in by token, so that two deliveries at once wait for each other instead of deadlocking.
insert into core.person (
    county_code, person_id, is_provisional, name_masked, name_token, id_masked, sex, birth_date
)
select
    :county as county_code,
    c.person_id,
    c.is_provisional,
    c.name_masked,
    c.name_token,
    c.id_masked,
    c.sex,
    c.birth_date
from candidate_person as c
where
    not exists (
        select 1 from core.person as p
        where p.person_id = c.person_id and p.county_code = :county
    )
order by c.person_id
on conflict do nothing

-- Whoever is not placed yet.
create temporary table placed on commit drop as
select
    p.person_id as token,
    coalesce(a.person_id, p.person_id) as person_id
from core.person as p
left join core.person_alias as a
    on p.person_id = a.token and p.county_code = a.county_code and a.known_to = 'infinity'
where
    p.county_code = :county
    and not exists (
        select 1 from core.membership as m
        where m.person_id = p.person_id and m.county_code = :county
    )

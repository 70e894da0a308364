-- One step from token to person: a target that is an alias itself is followed, a token with aliases is refused.
insert into core.person_alias (county_code, token, person_id, decided_by, reason, known_from)
select
    :county,
    p.person_id,
    coalesce(followed.person_id, target.person_id),
    :by,
    :why,
    clock_timestamp()
from core.person as p
inner join core.person as target on target.person_id = :person and target.county_code = :county
left join core.person_alias as followed
    on target.person_id = followed.token and followed.county_code = :county and followed.known_to = 'infinity'
where
    p.person_id = :token
    and p.county_code = :county
    and coalesce(followed.person_id, target.person_id) <> p.person_id
    and not exists (
        select 1 from core.person_alias as a
        where
            a.county_code = :county
            and a.known_to = 'infinity'
            and (a.token = p.person_id or a.person_id = p.person_id)
    )

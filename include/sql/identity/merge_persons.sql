-- One step from token to person: a target that is an alias itself is followed, a token with aliases is refused.
insert into core.person_alias (county_code, token, person_id, decided_by, reason, known_from)
select
    :county as county_code,
    p.person_id as token,
    coalesce(followed.person_id, other.person_id) as person_id,
    :by as decided_by,
    :why as reason,
    clock_timestamp() as known_from
from core.person as p
inner join core.person as other on other.person_id = :person and other.county_code = :county
left join core.person_alias as followed
    on other.person_id = followed.token and followed.county_code = :county and followed.known_to = 'infinity'
where
    p.person_id = :token
    and p.county_code = :county
    and coalesce(followed.person_id, other.person_id) <> p.person_id
    and not exists (
        select 1 from core.person_alias as a
        where
            a.county_code = :county
            and a.known_to = 'infinity'
            and (a.token = p.person_id or a.person_id = p.person_id)
    )

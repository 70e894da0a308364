-- The touched persons with all tokens that are theirs.
create temporary table placed on commit drop as
with person as (
    select distinct coalesce(a.person_id, t.person_id) as person_id
    from touched_person as t
    left join core.person_alias as a
        on t.person_id = a.token and a.county_code = :county and a.known_to = 'infinity'
)

select
    person.person_id as token,
    person.person_id
from person
union all
select
    a.token,
    person.person_id
from person
inner join core.person_alias as a
    on person.person_id = a.person_id and a.county_code = :county and a.known_to = 'infinity'

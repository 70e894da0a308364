-- On a county's first night: whoever stands once in the base register belongs there, whatever else is said.
with otherwise as materialized (
    -- The county's own partition: with no condition on the county the index alone is read.
    select t.subject_token as token
    from register_of_county as t
    where t.subject_token is not null
    group by t.subject_token
    having count(*) > 1
    union all
    select a.token
    from core.person_alias as a
    where a.county_code = :county
    union all
    select a.person_id
    from core.person_alias as a
    where a.county_code = :county
)

select
    c.county_code,
    c.subject_token as person_id,
    c.household_no as household_id,
    c.division_code as village_code,
    'base' as basis,
    c.record_key,
    h.valid_from,
    h.valid_to,
    cast(:recorded_at as timestamptz) as known_from,
    cast('infinity' as timestamptz) as known_to
from changes.rural_revitalisation_persons as c
inner join history.rural_revitalisation_persons as h
    on c.change_id = h.change_id and h.county_code = :county
where
    c.county_code = :county
    and h.known_to = 'infinity'
    and h.valid_to = 'infinity'
    and c.subject_token is not null
    and c.household_no is not null
    -- Hashed; "not exists" would have the planner read a province's persons in the order of their tokens.
    and c.subject_token not in (
        select o.token from otherwise as o
    )

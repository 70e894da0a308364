-- On a county's first night: whoever stands once in the base register belongs there, whatever else is said.
-- "materialized" keeps the planner from reading a province's persons one by one, in the order of their tokens.
with token as materialized (
    select c.subject_token
    from changes.rural_revitalisation_persons as c
    where c.county_code = :county
),

several as (
    select t.subject_token
    from token as t
    group by t.subject_token
    having count(*) > 1
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
    and not exists (
        select 1 from several
        where several.subject_token = c.subject_token
    )
    and not exists (
        select 1 from core.person_alias as a
        where a.county_code = :county and c.subject_token in (a.token, a.person_id)
    )

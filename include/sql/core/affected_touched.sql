-- A person's households of before and after, on the night of the change and on every night believed since.
with touched as (
    select
        t.from_date,
        m.household_id
    from touched_person as t
    left join placed as own on t.person_id = own.token
    inner join placed as p on own.person_id = p.person_id
    inner join core.membership as m
        on p.token = m.person_id and m.county_code = :county and t.from_date <= m.valid_to
    where m.known_to >= :recorded_at
    union
    select
        t.from_date,
        t.household_no
    from touched_household as t
),

night as (
    select distinct b.business_date
    from ops.diff_base as b
    where b.county_code = :county
)

insert into core.affected_household (county_code, business_date, household_id)
select distinct
    :county as county_code,
    night.business_date,
    touched.household_id
from touched
inner join night on touched.from_date <= night.business_date
on conflict do nothing

-- The best spell for every stretch of days; who stands in none any more stays where they last were.
with single as (
    select person_id
    from spell
    group by person_id
    having count(*) = 1 and max(valid_to) = 'infinity'
),

bound as (
    select
        s.person_id,
        s.valid_from as from_date
    from spell as s
    where
        not exists (
            select 1 from single
            where single.person_id = s.person_id
        )
    union
    select
        s.person_id,
        s.valid_to
    from spell as s
    where
        s.valid_to < 'infinity'
        and not exists (
            select 1 from single
            where single.person_id = s.person_id
        )
),

chosen as (
    select distinct on (b.person_id, b.from_date)
        b.person_id,
        b.from_date,
        s.household_id,
        s.village_code,
        s.basis,
        s.record_key
    from bound as b
    left join spell as s on b.person_id = s.person_id and b.from_date >= s.valid_from and b.from_date < s.valid_to
    order by
        b.person_id asc, b.from_date asc, s.rank asc, s.preferred desc, s.household_id asc, s.village_code asc,
        s.record_key asc
),

stay as (
    select
        *,
        count(household_id) over (partition by person_id order by from_date) as number
    from chosen
),

carried as (
    select
        person_id,
        from_date,
        first_value(household_id) over same_stay as household_id,
        first_value(village_code) over same_stay as village_code,
        coalesce(basis, 'former') as basis,
        record_key
    from stay
    window same_stay as (partition by person_id, number order by from_date)
),

compared as (
    select
        *,
        row(household_id, village_code, basis, record_key)::text as state,
        lag(row(household_id, village_code, basis, record_key)::text)
            over (partition by person_id order by from_date) as state_before
    from carried
),

turn as (
    select
        person_id,
        household_id,
        village_code,
        basis,
        record_key,
        from_date as valid_from,
        lead(from_date, 1, 'infinity') over (partition by person_id order by from_date) as valid_to
    from compared
    where state is distinct from state_before
),

timeline as (
    select
        person_id,
        household_id,
        village_code,
        basis,
        record_key,
        valid_from,
        valid_to
    from turn
    union all
    select
        s.person_id,
        s.household_id,
        s.village_code,
        s.basis,
        s.record_key,
        s.valid_from,
        s.valid_to
    from spell as s
    inner join single on s.person_id = single.person_id
)

select
    :county as county_code,
    p.token as person_id,
    t.household_id,
    t.village_code,
    case when p.token = p.person_id then t.basis else 'alias' end as basis,
    t.record_key,
    t.valid_from,
    t.valid_to,
    (:recorded_at)::timestamptz as known_from,
    'infinity'::timestamptz as known_to
from placed as p
inner join timeline as t on p.person_id = t.person_id

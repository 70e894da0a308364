-- Who may have been heard of before any register knew them, and until when that counts.
create temporary table unplaced on commit drop as
with registered as (
    select
        person_id,
        min(valid_from) as since
    from spell
    group by person_id
),

first_night as (
    select min(business_date) as business_date
    from ops.diff_base
    where county_code = :county
)

select
    p.token,
    p.person_id,
    coalesce(r.since, 'infinity') as known_until
from placed as p
cross join first_night as f
left join registered as r on p.person_id = r.person_id
where r.since is null or r.since > f.business_date

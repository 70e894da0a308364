-- The base register has one person in two households at once: it is placed in one, and somebody must settle it.
with double as (
    select s.person_id
    from spell as s
    where s.rank = 1 and s.valid_to = 'infinity'
    group by s.person_id
    having min(s.household_id) <> max(s.household_id)
)

insert into core.identity_conflict (
    county_code, kind, person_id, department, dataset, record_key, delivery_id, business_date
)
select
    :county as county_code,
    'two_households' as kind,
    double.person_id,
    'rural_revitalisation' as department,
    'persons' as dataset,
    c.record_key,
    c.delivery_id,
    c.business_date
from double
inner join spell as s on double.person_id = s.person_id and s.rank = 1 and s.valid_to = 'infinity'
inner join changes.rural_revitalisation_persons as c on s.record_key = c.record_key and c.county_code = :county
inner join history.rural_revitalisation_persons as h
    on c.change_id = h.change_id and h.county_code = :county
where h.known_to = 'infinity' and h.valid_to = 'infinity'
on conflict do nothing

insert into core.membership (
    county_code, person_id, household_id, village_code, basis, record_key, valid_from, valid_to, known_from, known_to
)
select
    d.county_code,
    d.person_id,
    d.household_id,
    d.village_code,
    d.basis,
    d.record_key,
    d.valid_from,
    d.valid_to,
    d.known_from,
    d.known_to
from desired as d
where not exists (
    select 1 from core.membership as m
    where
        m.person_id = d.person_id
        and m.valid_from = d.valid_from
        and m.county_code = :county
        and m.known_to = 'infinity'
)

update core.membership as m
set known_to = :recorded_at
from placed as p
where
    m.person_id = p.token
    and m.county_code = :county
    and m.known_to = 'infinity'
    and not exists (
        select 1 from desired as d
        where
            d.person_id = m.person_id
            and d.valid_from = m.valid_from
            and d.valid_to = m.valid_to
            and d.household_id = m.household_id
            and d.basis = m.basis
            and d.village_code is not distinct from m.village_code
            and d.record_key is not distinct from m.record_key
    )

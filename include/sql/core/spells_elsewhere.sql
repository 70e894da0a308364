-- Before a register knows a person, they form a provisional household as long as any department has a record
-- about them; afterwards they stay where the register last had them.
insert into spell (
    person_id, rank, preferred, household_id, village_code, basis, record_key, valid_from, valid_to
)
select distinct
    p.person_id,
    3 + (o.this_division is null)::integer as rank,
    h.valid_from as preferred,
    'P-' || left(replace(p.person_id::text, '-', ''), 16) as household_id,
    o.this_division as village_code,
    'provisional' as basis,
    null::uuid as record_key,
    h.valid_from,
    least(h.valid_to, p.known_until) as valid_to
from unplaced as p
inner join changes.this_dataset as o on p.token = o.subject_token and o.county_code = :county
inner join history.this_dataset as h on o.change_id = h.change_id and h.county_code = :county
where h.known_to = 'infinity' and h.valid_from < p.known_until

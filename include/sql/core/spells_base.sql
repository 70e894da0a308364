-- The base register says where a person belongs before anybody else does.
insert into spell (
    person_id, rank, preferred, household_id, village_code, basis, record_key, valid_from, valid_to
)
select
    p.person_id,
    1 as rank,
    h.valid_from as preferred,
    c.household_no as household_id,
    c.division_code as village_code,
    'base' as basis,
    c.record_key,
    h.valid_from,
    h.valid_to
from placed as p
inner join changes.rural_revitalisation_persons as c on p.token = c.subject_token and c.county_code = :county
inner join history.rural_revitalisation_persons as h
    on c.change_id = h.change_id and h.county_code = :county
where h.known_to = 'infinity' and c.household_no is not null

-- The base register says where a person belongs before anybody else does.
insert into spell
select
    p.person_id,
    1,
    h.valid_from,
    c.household_no,
    c.division_code,
    'base',
    c.record_key,
    h.valid_from,
    h.valid_to
from placed as p
inner join changes.rural_revitalisation_persons as c on p.token = c.subject_token and c.county_code = :county
inner join history.rural_revitalisation_persons as h
    on c.change_id = h.change_id and h.county_code = :county
where h.known_to = 'infinity' and c.household_no is not null

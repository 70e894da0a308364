-- Who shares a dibao certificate is one household to the civil registration; the latest month counts.
insert into spell (
    person_id, rank, preferred, household_id, village_code, basis, record_key, valid_from, valid_to
)
select
    p.person_id,
    2 as rank,
    c.month as preferred,
    'C-' || left(md5(c.dibao_no), 16) as household_id,
    c.division_code as village_code,
    'civil' as basis,
    null as record_key,
    h.valid_from,
    h.valid_to
from placed as p
inner join changes.civil_affairs_dibao as c on p.token = c.subject_token and c.county_code = :county
inner join history.civil_affairs_dibao as h
    on c.change_id = h.change_id and h.county_code = :county
where h.known_to = 'infinity' and c.month is not null

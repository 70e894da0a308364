-- Who shares a dibao certificate is one household to the civil registration; the latest month counts.
insert into spell
select
    p.person_id,
    2,
    c.month,
    'C-' || left(md5(c.dibao_no), 16),
    c.division_code,
    'civil',
    null,
    h.valid_from,
    h.valid_to
from placed as p
inner join changes.civil_affairs_dibao as c on p.token = c.subject_token and c.county_code = :county
inner join history.civil_affairs_dibao as h
    on c.change_id = h.change_id and h.county_code = :county
where h.known_to = 'infinity' and c.month is not null

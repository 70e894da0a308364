insert into core.identity_conflict (
    county_code, kind, person_id, department, dataset, record_key, delivery_id, business_date
)
select
    :county as county_code,
    'name_differs' as kind,
    c.person_id,
    c.department,
    c.dataset,
    c.record_key,
    c.delivery_id,
    c.business_date
from candidate_person as c
inner join core.person as p on c.person_id = p.person_id and p.county_code = :county
where c.name_token <> p.name_token
on conflict do nothing

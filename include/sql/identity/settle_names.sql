-- The record that bore another name now bears the person's: nothing is left to settle.
update core.identity_conflict as k
set
    state = 'settled',
    settled_by = c.delivery_id,
    settled_why = 'the name agrees again'
from candidate_person as c
inner join core.person as p on c.person_id = p.person_id and p.county_code = :county
where
    k.county_code = :county
    and k.kind = 'name_differs'
    and k.state = 'open'
    and k.person_id = c.person_id
    and k.department = c.department
    and k.dataset = c.dataset
    and k.record_key = c.record_key
    and c.name_token = p.name_token

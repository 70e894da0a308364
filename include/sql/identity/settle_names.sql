-- The record that bore another name now bears the person's: nothing is left to settle.
update core.identity_conflict as k
set
    state = 'settled',
    settled_by = :delivery,
    settled_why = 'the name agrees again'
from met_person as m
where
    k.county_code = :county
    and k.kind = 'name_differs'
    and k.state = 'open'
    and k.person_id = m.person_id
    and k.department = :department
    and k.dataset = :dataset
    and k.record_key = m.record_key
    and not m.is_named_otherwise

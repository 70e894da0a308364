insert into core.person (
    county_code, person_id, is_provisional, name_masked, name_token, id_masked, sex, birth_date
)
select
    :county as county_code,
    c.person_id,
    c.is_provisional,
    c.name_masked,
    c.name_token,
    c.id_masked,
    c.sex,
    c.birth_date
from candidate_person as c
inner join met_person as m on c.person_id = m.person_id
where m.is_new
returning person_id

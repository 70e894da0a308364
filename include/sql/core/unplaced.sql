create temporary table unplaced on commit drop as
select
    p.token,
    p.person_id
from placed as p
where not exists (select 1 from spell as s where s.person_id = p.person_id)

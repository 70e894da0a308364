-- Households of the base register, with the village they are in at last.
insert into core.household as k (county_code, household_id, household_no, anchor, village_code, basis)
select distinct on (c.household_no)
    :county,
    c.household_no,
    c.household_no,
    md5(c.household_no)::uuid,
    c.division_code,
    'base'
from changes.rural_revitalisation_households as c
inner join history.rural_revitalisation_households as h
    on c.record_key = h.record_key and c.change_id = h.change_id and h.county_code = :county
where
    c.county_code = :county
    and h.known_to = 'infinity'
    and (:everyone or c.household_no in (select t.household_no from touched_household as t))
order by c.household_no, h.valid_to desc, h.valid_from desc, h.change_id desc
on conflict (household_id, county_code) do update
set
    household_no = excluded.household_no,
    village_code = excluded.village_code,
    basis = excluded.basis
where (k.household_no, k.village_code, k.basis) is distinct from (
    excluded.household_no, excluded.village_code, excluded.basis
)

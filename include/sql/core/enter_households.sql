-- A household that was only named, or only had members, may turn up in a register; never the other way round.
insert into core.household as k (county_code, household_id, household_no, anchor, village_code, basis)
select
    w.county_code,
    w.household_id,
    w.household_no,
    w.anchor,
    w.village_code,
    w.basis
from wanted as w
order by w.household_id
on conflict (household_id, county_code) do update
    set
        household_no = excluded.household_no,
        village_code = coalesce(excluded.village_code, k.village_code),
        basis = excluded.basis
    where
    excluded.basis <> 'delivered'
    and (k.basis, k.village_code) is distinct from (excluded.basis, coalesce(excluded.village_code, k.village_code))
    and (excluded.basis = 'base' or k.basis <> 'base')

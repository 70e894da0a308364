-- Households that have members but do not stand in the register of households.
insert into core.household as k (county_code, household_id, household_no, anchor, village_code, basis)
select distinct on (m.household_id)
    :county,
    m.household_id,
    case when m.basis = 'base' then m.household_id end,
    md5(m.household_id)::uuid,
    m.village_code,
    m.basis
from placed as p
inner join core.membership as m on p.token = m.person_id
where
    m.county_code = :county
    and m.known_from = :recorded_at
    and m.basis in ('base', 'civil', 'provisional')
    and not exists (
        select 1 from core.household as h
        where
            h.household_id = m.household_id
            and h.county_code = :county
            and h.basis = m.basis
            and (m.basis = 'base' or h.village_code is not null or m.village_code is null)
    )
order by m.household_id, m.valid_to desc, m.valid_from desc, m.village_code
on conflict (household_id, county_code) do update
set
    household_no = excluded.household_no,
    village_code = coalesce(excluded.village_code, k.village_code),
    basis = excluded.basis

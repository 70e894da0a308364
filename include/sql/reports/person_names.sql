-- Masked names of the persons hits are about, as of the transaction's business date.
select
    p.person_id,
    p.name_masked
from facts.person as p
where p.county_code = :county and p.household_id = any(:households) and p.person_id = any(:persons)

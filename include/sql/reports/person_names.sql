-- Masked names of the persons hits and findings are about, as of the transaction's business date; a person may be
-- of another household than the one the finding is filed under.
select
    p.person_id,
    p.name_masked,
    p.id_masked
from facts.person as p
where p.county_code = :county and p.person_id = any(:persons)

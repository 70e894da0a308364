-- Masked names and numbers of some households, as of the transaction's business date.
select
    h.household_id,
    h.household_no,
    h.head_name_masked
from facts.household as h
where h.county_code = :county and h.household_id = any(:households)

select distinct b.business_date
from ops.diff_base as b
where b.county_code = :county
order by b.business_date

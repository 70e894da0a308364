select max(business_date)
from ops.diff_base
where county_code = :county and department = :department and dataset = :dataset;

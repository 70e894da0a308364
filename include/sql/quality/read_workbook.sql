select
    business_date,
    started_at,
    finished_at
from quality.returned_workbook
where county_code = :county and file_sha256 = :sha256;

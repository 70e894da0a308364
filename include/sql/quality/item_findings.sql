select
    rule_id,
    severity,
    field,
    title,
    fix,
    external_number
from quality.finding
where county_code = :county and row_id = :row
order by rule_id;

select
    row_id,
    rule_ids,
    reason,
    waived_by,
    valid_from,
    valid_until,
    ended_on,
    ended_by
from quality.waiver
where county_code = :county and row_id = any(:rows)
order by entered_at, row_id;

-- Rows that were waiting for their department at the end of a business date.
select
    q.row_id,
    q.department,
    q.dataset,
    q.delivery_id,
    q.source_file,
    q.source_line,
    q.source_row,
    q.opened_on,
    q.row_hash,
    q.contract_version,
    q.first_opened_on,
    q.tries + 1 as attempt
from quality.quarantined_row as q
where
    q.county_code = :county
    and q.opened_on <= :business_date
    and (q.closed_on is null or q.closed_on > :business_date)
order by
    q.department asc,
    q.dataset asc,
    q.opened_on desc,
    q.source_file asc,
    q.source_line asc,
    q.source_row asc,
    q.row_id asc

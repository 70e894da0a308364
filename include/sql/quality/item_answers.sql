-- Every answer to some items: corrected by whom, in which file and row, from which delivery at first.
select
    correction.row_id,
    correction.decision,
    correction.is_confirmed,
    correction.business_date,
    correction.department,
    correction.answered_by,
    returned_workbook.channel,
    returned_workbook.file_name,
    correction.sheet,
    correction.line,
    correction.fields,
    correction.delivery_id,
    correction.source_row,
    correction.original_delivery_id,
    correction.original_row
from quality.correction
inner join quality.returned_workbook using (county_code, file_sha256)
where correction.county_code = :county and correction.row_id = any(:rows)
order by returned_workbook.started_at, correction.row_id;

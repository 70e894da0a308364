insert into quality.returned_workbook (
    county_code, file_sha256, workbook_id, department, file_name, channel, received_by, business_date, answers,
    started_at
)
values (
    :county, :sha256, :workbook, :department, :file, :channel, :by, :business_date, :answers, :moment
)
on conflict (county_code, file_sha256) do nothing;

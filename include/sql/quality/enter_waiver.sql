insert into quality.waiver (
    county_code, department, dataset, record_key, row_id, rule_ids, reason, waived_by, valid_from, valid_until,
    entered_at
)
values (
    :county, :department, :dataset, :record_key, :row, :rules, :reason, :by, :valid_from, :valid_until, :moment
)
on conflict (county_code, row_id, entered_at) do nothing;

insert into quality.profile (
    county_code, delivery_id, department, dataset, business_date, mode, landed_rows, previous_rows,
    drop_pct, growth_pct, valid_pct, unique_pct, columns_missing, columns_unknown, newest, same_since, formats
)
values (
    :county, :delivery, :department, :dataset, :business_date, :mode, :landed, :previous_rows,
    :drop_pct, :growth_pct, :valid_pct, :unique_pct, :columns_missing, :columns_unknown, :newest, :same_since,
    cast(:formats as jsonb)
)
on conflict (county_code, delivery_id) do update set
    previous_rows = excluded.previous_rows,
    drop_pct = excluded.drop_pct,
    growth_pct = excluded.growth_pct,
    valid_pct = excluded.valid_pct,
    unique_pct = excluded.unique_pct,
    newest = excluded.newest,
    same_since = excluded.same_since,
    formats = excluded.formats;

insert into ops.reconciliation (
    county_code, business_date, department, dataset, delivered_rows, warehouse_rows, quarantined_keys,
    missing_keys, extra_keys, differing_keys, sample_keys, reason, checked_at
)
values (
    :county, :business_date, :department, :dataset, :delivered, :held, :returned,
    :missing, :extra, :differing, :sample, :reason, :moment
)
on conflict (county_code, business_date, department, dataset) do update set
    delivered_rows = excluded.delivered_rows,
    warehouse_rows = excluded.warehouse_rows,
    quarantined_keys = excluded.quarantined_keys,
    missing_keys = excluded.missing_keys,
    extra_keys = excluded.extra_keys,
    differing_keys = excluded.differing_keys,
    sample_keys = excluded.sample_keys,
    reason = excluded.reason,
    checked_at = excluded.checked_at

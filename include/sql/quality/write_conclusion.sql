insert into ops.conclusion (
    county_code, department, dataset, business_date, outcome, delivery_id, error_code, reason, concluded_at, is_late
)
values (
    :county_code, :department, :dataset, :business_date, :outcome, :delivery_id, :error_code, :reason,
    :concluded_at, :is_late
)
on conflict (county_code, business_date, department, dataset) do update set
    outcome = excluded.outcome,
    delivery_id = excluded.delivery_id,
    error_code = excluded.error_code,
    reason = excluded.reason,
    concluded_at = excluded.concluded_at,
    is_late = excluded.is_late
where
(conclusion.outcome, conclusion.delivery_id, conclusion.error_code, conclusion.reason)
is distinct from (excluded.outcome, excluded.delivery_id, excluded.error_code, excluded.reason);

insert into ops.ledger (
    delivery_id, county_code, department, dataset, business_date, base_id,
    landed, unchanged, accepted, quarantined, warned, absent, withdrawn, checked_at
)
values (
    :delivery_id, :county_code, :department, :dataset, :business_date, :base_id,
    :landed, :unchanged, :accepted, :quarantined, :warned, :absent, :withdrawn, :checked_at
)
on conflict (delivery_id) do update set
    base_id = excluded.base_id,
    landed = excluded.landed,
    unchanged = excluded.unchanged,
    accepted = excluded.accepted,
    quarantined = excluded.quarantined,
    warned = excluded.warned,
    absent = excluded.absent,
    withdrawn = excluded.withdrawn,
    checked_at = excluded.checked_at;

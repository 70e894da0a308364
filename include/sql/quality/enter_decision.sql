insert into quality.decision (county_code, delivery_id, decision, decided_by, why, decided_at)
values (:county, :delivery, :decision, :by, :why, :moment);

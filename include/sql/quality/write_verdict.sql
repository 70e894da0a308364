update ops.delivery
set
    verdict = :decision,
    verdict_code = :code,
    verdict_reason = :reason,
    judged_at = :judged_at,
    decided_by = :decided_by
where delivery_id = :delivery;

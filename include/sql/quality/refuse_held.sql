update ops.delivery
set
    verdict = 'refuse',
    decided_by = :by,
    verdict_reason = case
        when verdict = 'hold' then verdict_reason || '。已由' || :by || '拒收：' || :why
        else verdict_reason
    end
where delivery_id = :delivery;

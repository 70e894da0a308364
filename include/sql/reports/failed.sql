-- The server did not take it (failed: tried again next time), or nobody knows (unknown).
update reports.outbox
set
    state = :state,
    attempts = attempts + case when state = 'sending' then 0 else 1 end,
    claimed_at = coalesce(claimed_at, :moment),
    error_code = :error_code,
    reason = :reason
where
    county_code = :county and business_date = :day and recipient = :recipient and revision = :revision
    and state in ('pending', 'failed', 'sending')

-- Before the first byte: from here on nobody else sends this notice.
update reports.outbox
set state = 'sending', attempts = attempts + 1, claimed_at = :moment, error_code = null, reason = null
where
    county_code = :county and business_date = :day and recipient = :recipient and revision = :revision
    and state in ('pending', 'failed')

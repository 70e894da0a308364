-- The server took it.
update reports.outbox
set state = 'sent', sent_at = :moment, reason = :reason
where
    county_code = :county and business_date = :day and recipient = :recipient and revision = :revision
    and state = 'sending'

-- A person answers for a notice nobody knows the fate of.
update reports.outbox
set state = 'pending', decided_by = :by, reason = null
where county_code = :county and business_date = :day and recipient = :recipient and state = 'unknown'

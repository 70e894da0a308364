-- Queues an edition once; an edition that is known already stays as it is.
insert into reports.outbox (
    county_code, business_date, recipient, revision, sha256, message_id, queued_at
)
values (:county, :day, :recipient, :revision, :sha256, :message_id, :queued_at)
on conflict (county_code, business_date, recipient, revision) do nothing

-- The latest edition of each pack and what became of its notice.
select distinct on (p.recipient)
    p.recipient,
    p.revision,
    p.files,
    p.built_at,
    o.sent_at,
    o.reason,
    coalesce(o.state, 'unqueued') as state,
    coalesce(o.attempts, 0) as attempts
from reports.pack as p
left join reports.outbox as o
    on
        p.county_code = o.county_code
        and p.business_date = o.business_date
        and p.recipient = o.recipient
        and p.revision = o.revision
where p.county_code = :county and p.business_date = :business_date
order by p.recipient asc, p.revision desc

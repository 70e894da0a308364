-- What is to be sent now.
select
    o.recipient,
    o.revision,
    o.message_id
from reports.outbox as o
where o.county_code = :county and o.business_date = :day and o.state in ('pending', 'failed')
order by o.recipient, o.revision

-- The latest edition of each recipient's pack.
select distinct on (p.recipient)
    p.recipient,
    p.revision,
    p.counts,
    p.missing_departments,
    p.changes,
    p.files
from reports.pack as p
where p.county_code = :county and p.business_date = :day
order by p.recipient asc, p.revision desc

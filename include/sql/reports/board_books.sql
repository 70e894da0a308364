-- The newest returned-rows workbook of each recipient.
select distinct on (pack.recipient)
    pack.recipient,
    pack.business_date,
    file.value as file
from reports.pack as pack
cross join lateral jsonb_array_elements(pack.files) as file (value)
where
    pack.county_code = :county
    and file.value ->> 'path' like '%/' || :name
order by pack.recipient asc, pack.business_date desc, pack.revision desc

-- Open leads as of a business date by town and severity.
select
    l.town_code,
    count(*) filter (where l.severity = '红') as red,
    count(*) filter (where l.severity = '橙') as orange,
    count(*) filter (where l.severity = '黄') as yellow,
    count(*) filter (where l.is_new) as new,
    count(*) filter (where l.is_overdue) as overdue
from monitoring.leads(:county, :business_date) as l
where l.is_open
group by l.town_code
order by red desc, orange desc, yellow desc, l.town_code asc

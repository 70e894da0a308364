with this_month as (
    select date_trunc('month', :business_date)::date as first_day
),

newest as (
    select distinct on (d.household_id, d.person_id, d.dibao_no)
        d.household_id,
        d.person_id,
        d.start_month,
        d.end_month,
        d.category,
        d.insured_size,
        d.record_key,
        d.delivery_id,
        d.source_row
    from facts.civil_affairs_dibao as d
    inner join scope as s on d.household_id = s.household_id
    cross join this_month as m
    where d.county_code = :county_code and d.month <= m.first_day
    order by d.household_id asc, d.person_id asc, d.dibao_no asc, d.month desc
)

select
    n.household_id,
    n.person_id,
    n.start_month as occurred_on,
    'civil_affairs.dibao' as dataset,
    n.record_key,
    n.delivery_id,
    n.source_row,
    n.start_month as ev_start_month,
    n.category as ev_category,
    n.insured_size as ev_insured_size
from newest as n
cross join this_month as m
where n.start_month = m.first_day and (n.end_month is null or n.end_month > m.first_day)

with newest as (
    select distinct on (d.dibao_no, d.person_id)
        d.dibao_no,
        d.household_id,
        d.village_code,
        d.start_month,
        d.end_month
    from facts.civil_affairs_dibao as d
    where d.county_code = :county_code and d.month <= :business_date
    order by d.dibao_no asc, d.person_id asc, d.month desc, d.record_key asc
),

-- Whoever got dibao after the village was counted is no fault of the count.
compared as (
    select
        v.village_code,
        v.dibao_households,
        v.record_key,
        v.delivery_id,
        v.source_row,
        count(distinct n.dibao_no) as paid_households
    from facts.rural_revitalisation_villages as v
    inner join core.household as h on h.county_code = :county_code and h.basis = 'base'
    inner join newest as n on v.village_code = n.village_code and h.household_id = n.household_id
    where
        v.county_code = :county_code
        and n.start_month < date_trunc('month', v.valid_from)
        and (n.end_month is null or n.end_month > date_trunc('month', :business_date))
    group by v.village_code, v.dibao_households, v.record_key, v.delivery_id, v.source_row
)

select
    c.village_code,
    'rural_revitalisation.villages' as dataset,
    c.record_key,
    c.delivery_id,
    c.source_row,
    'civil_affairs.dibao' as other_dataset,
    c.dibao_households as ev_dibao_households,
    c.paid_households as ev_paid_households
from compared as c
where c.paid_households > c.dibao_households

with newest as (
    select distinct on (d.household_id, d.person_id)
        d.household_id,
        d.person_id,
        d.dibao_no,
        d.insured_size,
        d.category,
        d.end_month is null or d.end_month > date_trunc('month', :business_date) as is_paid,
        d.record_key,
        d.delivery_id,
        d.source_row
    from facts.civil_affairs_dibao as d
    inner join scope as s on d.household_id = s.household_id
    where d.county_code = :county_code and d.month <= :business_date
    order by d.household_id asc, d.person_id asc, d.month desc, d.record_key asc
),

-- Fewer people listed than the certificate covers: somebody's row was returned.
short as (
    select n.household_id
    from newest as n
    where n.is_paid
    group by n.household_id, n.dibao_no
    having count(*) < max(n.insured_size)
),

registered as (
    select
        p.household_id,
        p.person_id,
        coalesce(p.dibao, 'none') as dibao,
        p.record_key,
        p.delivery_id,
        p.source_row
    from facts.rural_revitalisation_persons as p
    inner join scope as s on p.household_id = s.household_id
    where p.county_code = :county_code and p.id_number_token is not null
)

-- Nobody on the list is a conflict only where the register says so itself.
select
    r.household_id,
    r.person_id,
    case when n.is_paid then 'rural_revitalisation' else 'civil_affairs' end as owner,
    'rural_revitalisation.persons' as dataset,
    r.record_key,
    r.delivery_id,
    r.source_row,
    case when n.record_key is not null then 'civil_affairs.dibao' end as other_dataset,
    n.record_key as other_record_key,
    n.delivery_id as other_delivery_id,
    n.source_row as other_source_row,
    r.dibao as ev_dibao,
    coalesce(n.is_paid, false) as ev_is_paid
from registered as r
left join newest as n on r.person_id = n.person_id
where
    coalesce(n.is_paid, false) <> (r.dibao <> 'none')
    and (n.record_key is not null or r.household_id not in (select s.household_id from short as s))

with newest as (
    select distinct on (d.dibao_no, d.person_id)
        d.dibao_no,
        d.household_id,
        d.person_id,
        d.end_month,
        d.record_key,
        d.delivery_id,
        d.source_row
    from facts.civil_affairs_dibao as d
    where d.county_code = :county_code and d.month <= :business_date
    order by d.dibao_no asc, d.person_id asc, d.month desc, d.record_key asc
),

-- Whom the register has in a household; a certificate is that of the household most of its people live in.
listed as (
    select
        n.*,
        coalesce(h.basis = 'base', false) as is_registered
    from newest as n
    left join core.household as h on n.household_id = h.household_id and h.county_code = :county_code
    where n.end_month is null or n.end_month > date_trunc('month', :business_date)
),

home as (
    select distinct on (l.dibao_no)
        l.dibao_no,
        l.household_id,
        min(l.record_key::text) as any_key
    from listed as l
    where l.is_registered
    group by l.dibao_no, l.household_id
    order by l.dibao_no asc, count(*) desc, l.household_id asc
),

-- Somebody looks like a stranger when the register's row was returned, or came without an ID number.
known as (
    select p.household_id
    from facts.rural_revitalisation_persons as p
    inner join facts.rural_revitalisation_households as h
        on p.household_id = h.household_id and h.county_code = :county_code
    where p.county_code = :county_code
    group by p.household_id, h.size_now
    having count(p.id_number_token) = count(*) and count(*) >= coalesce(h.size_now, 0)
)

select
    o.household_id,
    l.person_id,
    'civil_affairs' as owner,
    'civil_affairs.dibao' as dataset,
    l.record_key,
    l.delivery_id,
    l.source_row,
    'civil_affairs.dibao' as other_dataset,
    m.record_key as other_record_key,
    m.delivery_id as other_delivery_id,
    m.source_row as other_source_row,
    'not_in_household' as ev_register_status,
    null::date as ev_died_on
from listed as l
inner join home as o on l.dibao_no = o.dibao_no and l.household_id <> o.household_id
inner join known as k on o.household_id = k.household_id
inner join newest as m on o.any_key = m.record_key::text

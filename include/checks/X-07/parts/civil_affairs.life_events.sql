with dead as (
    select
        e.household_id,
        e.person_id,
        e.event_date as died_on,
        'civil_affairs.life_events' as dataset,
        e.record_key,
        e.delivery_id,
        e.source_row
    from facts.civil_affairs_life_events as e
    where e.county_code = :county_code and e.event_type = 'death'
),

paid as (
    select
        d.household_id,
        d.person_id,
        d.month as paid_for,
        'civil_affairs' as owner,
        'civil_affairs.dibao' as dataset,
        d.record_key,
        d.delivery_id,
        d.source_row
    from facts.civil_affairs_dibao as d
    where d.county_code = :county_code and (d.end_month is null or d.end_month > d.month)
    union all
    select
        t.household_id,
        t.person_id,
        date_trunc('month', :business_date)::date as paid_for,
        'civil_affairs' as owner,
        'civil_affairs.destitute_support' as dataset,
        t.record_key,
        t.delivery_id,
        t.source_row
    from facts.civil_affairs_destitute_support as t
    where
        t.county_code = :county_code
        and (t.end_month is null or t.end_month > date_trunc('month', :business_date))
    union all
    select
        o.household_id,
        o.person_id,
        date_trunc('month', :business_date)::date as paid_for,
        'employment' as owner,
        'employment.public_posts' as dataset,
        o.record_key,
        o.delivery_id,
        o.source_row
    from facts.employment_public_posts as o
    where o.county_code = :county_code and (o.ended_date is null or o.ended_date > :business_date)
)

select
    p.household_id,
    p.person_id,
    p.owner,
    p.dataset,
    p.record_key,
    p.delivery_id,
    p.source_row,
    d.dataset as other_dataset,
    d.record_key as other_record_key,
    d.delivery_id as other_delivery_id,
    d.source_row as other_source_row,
    'deceased' as ev_register_status,
    d.died_on as ev_died_on
from dead as d
inner join paid as p on d.household_id = p.household_id and d.person_id = p.person_id
where p.paid_for > d.died_on

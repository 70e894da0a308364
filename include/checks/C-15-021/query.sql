with sharing as (
    select
        p.household_id,
        p.person_id,
        p.phone_token,
        p.person_no,
        p.record_key,
        p.delivery_id,
        p.source_row,
        count(*) over (partition by p.household_id, p.phone_token) as sharers
    from facts.rural_revitalisation_persons as p
    inner join scope as s on p.household_id = s.household_id
    where p.county_code = :county_code and p.phone_token is not null
),

newest_work as (
    select distinct on (w.household_id, w.person_id)
        w.household_id,
        w.person_id,
        w.status,
        left(w.work_division_code, 6) as county
    from facts.employment_work_monthly as w
    where
        w.county_code = :county_code
        and w.month <= :business_date
        and w.household_id in (
            select p.household_id from sharing as p
            where p.sharers > 1
        )
    order by w.household_id asc, w.person_id asc, w.month desc, w.record_key asc
),

worker as (
    select
        p.household_id,
        p.phone_token,
        w.county,
        p.person_no,
        p.record_key,
        p.delivery_id,
        p.source_row
    from sharing as p
    inner join newest_work as w on p.household_id = w.household_id and p.person_id = w.person_id
    where w.status in ('employed', 'flexible')
)

select
    a.household_id,
    'rural_revitalisation.persons' as dataset,
    a.record_key,
    a.delivery_id,
    a.source_row,
    'rural_revitalisation.persons' as other_dataset,
    b.record_key as other_record_key,
    b.delivery_id as other_delivery_id,
    b.source_row as other_source_row,
    a.county as ev_work_county,
    b.county as ev_other_work_county
from worker as a
inner join worker as b
    on
        a.household_id = b.household_id
        and a.phone_token = b.phone_token
        and a.county <> b.county
        and a.person_no < b.person_no

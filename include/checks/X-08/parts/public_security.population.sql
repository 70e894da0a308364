with born as (
    select
        r.person_id,
        r.register_no,
        r.record_key,
        r.delivery_id,
        r.source_row
    from facts.public_security_population as r
    where
        r.county_code = :county_code
        and r.status = 'registered'
        and r.birth_date < :business_date - :days
        and r.birth_date > :business_date - 366
),

relative as (
    select
        b.person_id,
        b.record_key as born_key,
        b.delivery_id as born_delivery,
        b.source_row as born_row,
        r.household_id,
        r.person_id as relative_id
    from born as b
    inner join facts.public_security_population as r
        on b.register_no = r.register_no and b.person_id <> r.person_id and r.county_code = :county_code
)

select
    p.household_id,
    b.person_id,
    'rural_revitalisation.persons' as dataset,
    p.record_key,
    p.delivery_id,
    p.source_row,
    'public_security.population' as other_dataset,
    b.born_key as other_record_key,
    b.born_delivery as other_delivery_id,
    b.born_row as other_source_row,
    'birth' as ev_event_type
from relative as b
inner join facts.rural_revitalisation_persons as p
    on b.household_id = p.household_id and b.relative_id = p.person_id and p.county_code = :county_code
where
    not exists (
        select 1 from facts.rural_revitalisation_persons as o
        where
            o.county_code = :county_code
            and o.household_id = p.household_id
            and o.person_id = b.person_id
    )

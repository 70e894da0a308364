with child as (
    select
        p.household_id,
        p.person_id,
        extract(year from age(
            make_date(
                extract(year from :business_date)::int - (extract(month from :business_date) < 9)::int, 9, 1
            ), p.birth_date
        )) as years,
        p.record_key,
        p.delivery_id,
        p.source_row
    from facts.rural_revitalisation_persons as p
    inner join scope as s on p.household_id = s.household_id
    where p.county_code = :county_code and p.student_status is null and p.dropout_reason is null
)

select
    c.household_id,
    c.person_id,
    'rural_revitalisation.persons' as dataset,
    c.record_key,
    c.delivery_id,
    c.source_row,
    c.years as ev_age
from child as c
where
    c.years between :min_age and :max_age
    and not exists (
        select 1 from facts.education_enrolment as e
        where
            e.county_code = :county_code
            and e.household_id = c.household_id
            and e.person_id = c.person_id
            and e.status in ('enrolled', 'suspended')
    )

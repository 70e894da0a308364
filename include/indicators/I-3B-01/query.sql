with school_year as (
    select
        make_date(
            extract(year from :business_date)::int
            - (extract(month from :business_date) < 9)::int, 9, 1
        ) as starts_on
),

child as (
    select
        p.person_id,
        p.household_id,
        p.village_code,
        p.record_key,
        p.delivery_id,
        p.source_row
    from facts.person as p
    inner join scope as s on p.household_id = s.household_id
    cross join school_year as y
    where
        p.county_code = :county_code
        and p.birth_date > y.starts_on - make_interval(years => :max_age + 1)
        and p.birth_date <= y.starts_on - make_interval(years => :min_age)
        -- Asked of the ID number first: whoever it rules out need not be looked up in the register.
        and (
            p.birth_date_by_id is null
            or (
                p.birth_date_by_id > y.starts_on - make_interval(years => :max_age + 1)
                and p.birth_date_by_id <= y.starts_on - make_interval(years => :min_age)
            )
        )
),

register as (
    select distinct on (e.household_id, e.person_id)
        e.household_id,
        e.person_id,
        e.status in ('enrolled', 'suspended') as is_at_school,
        e.record_key,
        e.delivery_id,
        e.source_row
    from facts.education_enrolment as e
    inner join scope as s on e.household_id = s.household_id
    where e.county_code = :county_code
    order by e.household_id asc, e.person_id asc, (e.status in ('enrolled', 'suspended')) desc, e.record_key
),

ledger as (
    select distinct on (l.household_id, l.person_id)
        l.household_id,
        l.person_id,
        l.record_key,
        l.delivery_id,
        l.source_row
    from facts.education_dropout_ledger as l
    inner join scope as s on l.household_id = s.household_id
    where
        l.county_code = :county_code
        and l.ledger_type in ('suspected', 'dropped_out')
        and l.status in ('not_persuaded', 'persuading')
    order by l.household_id asc, l.person_id asc, l.registered_date desc, l.record_key asc
)

-- The row behind a child is what decided: the ledger, else the register, else the base register.
select
    'person' as entity_kind,
    c.person_id::text as entity_id,
    c.household_id,
    c.village_code,
    (coalesce(r.is_at_school, false) and l.person_id is null)::int as numerator,
    1 as denominator,
    case
        when l.person_id is not null then 'education.dropout_ledger'
        when r.person_id is not null then 'education.enrolment'
        else 'rural_revitalisation.persons'
    end as dataset,
    coalesce(l.record_key, r.record_key, c.record_key) as record_key,
    coalesce(l.delivery_id, r.delivery_id, c.delivery_id) as delivery_id,
    coalesce(l.source_row, r.source_row, c.source_row) as source_row
from child as c
left join register as r on c.household_id = r.household_id and c.person_id = r.person_id
left join ledger as l on c.household_id = l.household_id and c.person_id = l.person_id

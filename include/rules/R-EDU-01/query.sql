with signal as (
    select
        l.person_id,
        l.household_id,
        coalesce(l.left_date, l.registered_date) as occurred_on,
        'education.dropout_ledger' as dataset,
        l.record_key,
        l.delivery_id,
        l.source_row,
        l.ledger_type as ev_ledger_type,
        l.absent_days as ev_absent_days,
        l.reason as ev_reason,
        null::text as ev_status
    from facts.education_dropout_ledger as l
    inner join scope as s on l.household_id = s.household_id
    where
        l.county_code = :county_code
        and l.status in ('not_persuaded', 'persuading')
        and (l.ledger_type in ('suspected', 'dropped_out') or l.absent_days >= :absent_days)
    union all
    select
        e.person_id,
        e.household_id,
        e.valid_from as occurred_on,
        'education.enrolment' as dataset,
        e.record_key,
        e.delivery_id,
        e.source_row,
        null as ev_ledger_type,
        null as ev_absent_days,
        null as ev_reason,
        e.status as ev_status
    from facts.education_enrolment as e
    inner join scope as s on e.household_id = s.household_id
    where
        e.county_code = :county_code
        and e.status = 'withdrawn'
        and not exists (
            select 1 from facts.education_enrolment as other
            where
                other.county_code = :county_code
                and other.household_id = e.household_id
                and other.person_id = e.person_id
                and other.status in ('enrolled', 'suspended')
        )
),

child as (
    select
        p.person_id,
        p.birth_date,
        make_date(
            extract(year from :business_date)::int
            - (extract(month from :business_date) < 9)::int, 9, 1
        ) as school_year_from
    from facts.person as p
    inner join scope as s on p.household_id = s.household_id
    where p.county_code = :county_code
)

-- A child whose birth date nobody knows stands on the ledger because the school says it is of school age.
select
    g.household_id,
    g.person_id,
    g.occurred_on,
    g.dataset,
    g.record_key,
    g.delivery_id,
    g.source_row,
    g.ev_ledger_type,
    g.ev_absent_days,
    g.ev_reason,
    g.ev_status,
    c.birth_date as ev_birth_date
from signal as g
inner join child as c on g.person_id = c.person_id
where
    c.birth_date is null
    or extract(year from age(c.school_year_from, c.birth_date)) between :min_age and :max_age

with newest_term as (
    select max(a.term) as term
    from facts.education_student_aid as a
    where a.county_code = :county_code
),

granted as (
    select
        a.household_id,
        a.person_id,
        a.record_key,
        a.delivery_id,
        a.source_row
    from facts.education_student_aid as a
    inner join newest_term as t on a.term = t.term
    where a.county_code = :county_code and a.programme = 'yulu'
),

vocational as (
    select
        e.household_id,
        e.person_id
    from facts.education_enrolment as e
    where e.county_code = :county_code and e.stage = 'vocational'
    union all
    select
        p.household_id,
        p.person_id
    from facts.rural_revitalisation_persons as p
    inner join granted as g on p.household_id = g.household_id
    where
        p.county_code = :county_code
        and (
            starts_with(p.student_status, 'vocational_')
            or starts_with(p.student_status, 'college_')
            or starts_with(p.student_status, 'technician_')
        )
)

select
    g.household_id,
    g.person_id,
    'education.student_aid' as dataset,
    g.record_key,
    g.delivery_id,
    g.source_row
from granted as g
where
    not exists (
        select 1 from vocational as v
        where v.household_id = g.household_id and v.person_id = g.person_id
    )

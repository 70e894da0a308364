with student as (
    select distinct on (e.household_id, e.person_id)
        e.household_id,
        e.person_id,
        e.village_code,
        e.record_key,
        e.delivery_id,
        e.source_row
    from facts.education_enrolment as e
    inner join scope as s on e.household_id = s.household_id
    where
        e.county_code = :county_code
        and e.status = 'enrolled'
        and e.stage in ('kindergarten', 'primary', 'junior', 'senior', 'vocational')
    order by e.household_id, e.person_id, e.record_key
),

aid as (
    select distinct on (a.household_id, a.person_id)
        a.household_id,
        a.person_id,
        a.record_key,
        a.delivery_id,
        a.source_row
    from facts.education_student_aid as a
    inner join scope as s on a.household_id = s.household_id
    where a.county_code = :county_code and a.term = :term and a.status in ('pending', 'paid')
    order by a.household_id, a.person_id, a.record_key
)

select
    'person' as entity_kind,
    t.person_id::text as entity_id,
    t.household_id,
    t.village_code,
    (a.person_id is not null)::int as numerator,
    1 as denominator,
    case when a.person_id is null then 'education.enrolment' else 'education.student_aid' end as dataset,
    coalesce(a.record_key, t.record_key) as record_key,
    coalesce(a.delivery_id, t.delivery_id) as delivery_id,
    coalesce(a.source_row, t.source_row) as source_row
from student as t
left join aid as a on t.household_id = a.household_id and t.person_id = a.person_id

-- Few pupils work: both sides are read once and held against each other, and only the work of pupils is sorted.
-- "materialized" keeps the planner from looking up every pupil's household in the other register.
with pupil as materialized (
    select
        e.household_id,
        e.person_id,
        e.stage,
        e.record_key,
        e.delivery_id,
        e.source_row
    from facts.education_enrolment as e
    inner join scope as s on e.household_id = s.household_id
    where
        e.county_code = :county_code
        and e.status = 'enrolled'
        and e.stage in ('kindergarten', 'primary', 'junior', 'senior', 'special')
),

work as materialized (
    select
        w.household_id,
        w.person_id,
        w.month,
        w.status,
        w.record_key,
        w.delivery_id,
        w.source_row
    from facts.employment_work_monthly as w
    inner join scope as s on w.household_id = s.household_id
    where w.county_code = :county_code and w.month <= :business_date
),

known as (
    select
        p.household_id,
        p.person_id
    from pupil as p
    group by p.household_id, p.person_id
),

newest_work as (
    select distinct on (w.household_id, w.person_id)
        w.household_id,
        w.person_id,
        w.status,
        w.record_key,
        w.delivery_id,
        w.source_row
    from work as w
    inner join known on w.household_id = known.household_id and w.person_id = known.person_id
    order by w.household_id asc, w.person_id asc, w.month desc, w.record_key asc
)

select
    w.household_id,
    w.person_id,
    'employment.work_monthly' as dataset,
    w.record_key,
    w.delivery_id,
    w.source_row,
    'education.enrolment' as other_dataset,
    p.record_key as other_record_key,
    p.delivery_id as other_delivery_id,
    p.source_row as other_source_row,
    p.stage as ev_stage,
    w.status as ev_work_status
from newest_work as w
inner join pupil as p on w.household_id = p.household_id and w.person_id = p.person_id
where w.status in ('employed', 'flexible')

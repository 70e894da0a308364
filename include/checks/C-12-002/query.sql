with pupil as (
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

newest_work as (
    select distinct on (w.household_id, w.person_id)
        w.household_id,
        w.person_id,
        w.status,
        w.record_key,
        w.delivery_id,
        w.source_row
    from facts.employment_work_monthly as w
    inner join scope as s on w.household_id = s.household_id
    where w.county_code = :county_code and w.month <= :business_date
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

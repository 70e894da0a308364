with newest as (
    select distinct on (w.household_id, w.person_id)
        w.household_id,
        w.person_id,
        w.village_code,
        w.status,
        w.record_key,
        w.delivery_id,
        w.source_row
    from facts.employment_work_monthly as w
    inner join scope as s on w.household_id = s.household_id
    where
        w.county_code = :county_code
        and w.month <= :business_date
        and w.month >= date_trunc('month', :business_date) - interval '1 month'
    order by w.household_id asc, w.person_id asc, w.month desc, w.record_key asc
)

select
    'person' as entity_kind,
    n.person_id::text as entity_id,
    n.household_id,
    n.village_code,
    1 as numerator,
    1 as denominator,
    'employment.work_monthly' as dataset,
    n.record_key,
    n.delivery_id,
    n.source_row
from newest as n
where n.status in ('employed', 'flexible')

with newest as (
    select distinct on (w.household_id, w.person_id)
        w.household_id,
        w.person_id,
        w.started_date,
        w.ended_date,
        w.is_working,
        w.record_key,
        w.delivery_id,
        w.source_row
    from facts.rural_revitalisation_migrant_work as w
    inner join scope as s on w.household_id = s.household_id
    where w.county_code = :county_code and w.month <= :business_date
    order by w.household_id asc, w.person_id asc, w.month desc, w.record_key asc
)

select
    n.household_id,
    n.person_id,
    'rural_revitalisation.migrant_work' as dataset,
    n.record_key,
    n.delivery_id,
    n.source_row,
    n.started_date as ev_started_date
from newest as n
where n.is_working and n.ended_date is null and extract(year from n.started_date) = :year

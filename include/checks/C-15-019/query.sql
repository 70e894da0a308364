select
    t.household_id,
    t.person_id,
    'civil_affairs.destitute_support' as dataset,
    t.record_key,
    t.delivery_id,
    t.source_row,
    'rural_revitalisation.persons' as other_dataset,
    p.record_key as other_record_key,
    p.delivery_id as other_delivery_id,
    p.source_row as other_source_row,
    p.health as ev_health
from facts.civil_affairs_destitute_support as t
inner join scope as s on t.household_id = s.household_id
inner join facts.rural_revitalisation_persons as p
    on t.household_id = p.household_id and t.person_id = p.person_id and p.county_code = :county_code
where
    t.county_code = :county_code
    and (t.end_month is null or t.end_month > date_trunc('month', :business_date))
    and p.health = 'healthy'
    and p.student_status is null
    and extract(year from age(date_trunc('month', :business_date), p.birth_date)) between :min_age and :max_age

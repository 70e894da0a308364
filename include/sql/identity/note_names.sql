insert into core.identity_conflict (
    county_code, kind, person_id, department, dataset, record_key, delivery_id, business_date
)
select
    :county as county_code,
    'name_differs' as kind,
    m.person_id,
    :department as department,
    :dataset as dataset,
    m.record_key,
    :delivery as delivery_id,
    :business_date as business_date
from met_person as m
where m.is_named_otherwise
on conflict do nothing

select
    p.household_id,
    p.person_id,
    case when r.record_key is null then 'public_security' else 'rural_revitalisation' end as owner,
    'rural_revitalisation.persons' as dataset,
    p.record_key,
    p.delivery_id,
    p.source_row,
    case when r.record_key is not null then 'public_security.population' end as other_dataset,
    r.record_key as other_record_key,
    r.delivery_id as other_delivery_id,
    r.source_row as other_source_row,
    coalesce(r.status, 'missing') as ev_register_status
from facts.rural_revitalisation_persons as p
inner join scope as s on p.household_id = s.household_id
left join facts.public_security_population as r
    on p.household_id = r.household_id and p.person_id = r.person_id and r.county_code = :county_code
where
    p.county_code = :county_code
    and p.id_number_token is not null
    and p.id_type in ('resident_id', 'disability_certificate')
    and (r.record_key is null or r.status in ('deceased', 'cancelled') or r.death_date <= :business_date)

select
    p.household_id,
    p.person_id,
    'rural_revitalisation.persons' as dataset,
    p.record_key,
    p.delivery_id,
    p.source_row,
    'civil_affairs.life_events' as other_dataset,
    e.record_key as other_record_key,
    e.delivery_id as other_delivery_id,
    e.source_row as other_source_row,
    e.event_type as ev_event_type
from facts.civil_affairs_life_events as e
inner join facts.rural_revitalisation_persons as p
    on e.household_id = p.household_id and e.person_id = p.person_id and p.county_code = :county_code
where
    e.county_code = :county_code
    and e.event_date < :business_date - :days
    and (
        e.event_type = 'death'
        or (
            e.event_type = 'marriage'
            and not exists (
                select 1 from facts.rural_revitalisation_persons as o
                where
                    o.county_code = :county_code
                    and o.household_id = p.household_id
                    and o.id_number_token = e.spouse_id_number_token
            )
        )
    )

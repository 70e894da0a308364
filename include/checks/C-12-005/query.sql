with member as (
    select
        p.household_id,
        p.person_id,
        p.person_no,
        p.record_key,
        p.delivery_id,
        p.source_row
    from facts.rural_revitalisation_persons as p
    inner join scope as s on p.household_id = s.household_id
    where p.county_code = :county_code and p.person_id is not null
)

select
    a.household_id,
    a.person_id,
    'rural_revitalisation.persons' as dataset,
    a.record_key,
    a.delivery_id,
    a.source_row,
    'rural_revitalisation.persons' as other_dataset,
    b.record_key as other_record_key,
    b.delivery_id as other_delivery_id,
    b.source_row as other_source_row
from member as a
inner join member as b
    on a.household_id = b.household_id and a.person_id = b.person_id and a.person_no < b.person_no

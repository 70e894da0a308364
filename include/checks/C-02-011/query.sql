with head as (
    select
        p.household_id,
        count(*) as heads,
        array_agg(p.record_key order by p.person_no) as record_keys
    from facts.rural_revitalisation_persons as p
    inner join scope as s on p.household_id = s.household_id
    where p.county_code = :county_code and p.relation = '02'
    group by p.household_id
    having count(*) > 1
)

select
    d.household_id,
    'rural_revitalisation.persons' as dataset,
    a.record_key,
    a.delivery_id,
    a.source_row,
    'rural_revitalisation.persons' as other_dataset,
    b.record_key as other_record_key,
    b.delivery_id as other_delivery_id,
    b.source_row as other_source_row,
    d.heads as ev_heads
from head as d
inner join facts.rural_revitalisation_persons as a
    on d.household_id = a.household_id and a.county_code = :county_code and d.record_keys[1] = a.record_key
inner join facts.rural_revitalisation_persons as b
    on d.household_id = b.household_id and b.county_code = :county_code and d.record_keys[2] = b.record_key

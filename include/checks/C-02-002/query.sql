with couple as (
    select
        p.household_id,
        p.relation,
        p.sex,
        p.person_no,
        p.record_key,
        p.delivery_id,
        p.source_row
    from facts.rural_revitalisation_persons as p
    inner join scope as s on p.household_id = s.household_id
    where p.county_code = :county_code and p.relation in ('02', '10', '11', '12') and p.sex in ('1', '2')
)

select
    a.household_id,
    'rural_revitalisation.persons' as dataset,
    a.record_key,
    a.delivery_id,
    a.source_row,
    'rural_revitalisation.persons' as other_dataset,
    b.record_key as other_record_key,
    b.delivery_id as other_delivery_id,
    b.source_row as other_source_row,
    a.sex as ev_sex
from couple as a
inner join couple as b on a.household_id = b.household_id and a.sex = b.sex
where a.relation = '02' and b.relation <> '02'

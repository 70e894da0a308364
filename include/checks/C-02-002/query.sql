with couple as (
    select
        p.household_id,
        p.relation,
        p.sex,
        p.record_key,
        p.delivery_id,
        p.source_row,
        first_value(p.relation) over same_sex as first_relation,
        first_value(p.record_key) over same_sex as first_record_key,
        first_value(p.delivery_id) over same_sex as first_delivery_id,
        first_value(p.source_row) over same_sex as first_source_row
    from facts.rural_revitalisation_persons as p
    inner join scope as s on p.household_id = s.household_id
    where p.county_code = :county_code and p.relation in ('02', '10', '11', '12') and p.sex in ('1', '2')
    -- The head (02) has the smallest code and so comes first; a join would be taken for a few rows and nested.
    window same_sex as (partition by p.household_id, p.sex order by p.relation, p.record_key)
)

select
    c.household_id,
    'rural_revitalisation.persons' as dataset,
    c.first_record_key as record_key,
    c.first_delivery_id as delivery_id,
    c.first_source_row as source_row,
    'rural_revitalisation.persons' as other_dataset,
    c.record_key as other_record_key,
    c.delivery_id as other_delivery_id,
    c.source_row as other_source_row,
    c.sex as ev_sex
from couple as c
where c.relation <> '02' and c.first_relation = '02'

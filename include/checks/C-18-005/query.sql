with dropped as (
    select
        p.household_id,
        'rural_revitalisation.persons' as dataset,
        p.record_key,
        p.delivery_id,
        p.source_row
    from facts.rural_revitalisation_persons as p
    inner join scope as s on p.household_id = s.household_id
    where p.county_code = :county_code and p.dropout_reason is not null
    union all
    select
        l.household_id,
        'education.dropout_ledger' as dataset,
        l.record_key,
        l.delivery_id,
        l.source_row
    from facts.education_dropout_ledger as l
    inner join scope as s on l.household_id = s.household_id
    where
        l.county_code = :county_code
        and l.ledger_type = 'dropped_out'
        and l.status in ('not_persuaded', 'persuading')
)

select
    h.household_id,
    'rural_revitalisation.households' as dataset,
    h.record_key,
    h.delivery_id,
    h.source_row,
    d.dataset as other_dataset,
    d.record_key as other_record_key,
    d.delivery_id as other_delivery_id,
    d.source_row as other_source_row
from facts.rural_revitalisation_households as h
inner join dropped as d on h.household_id = d.household_id
where h.county_code = :county_code and h.measure_compulsory_education is null

with unmonitored as (
    select
        h.household_id,
        coalesce(h.is_dangerous_house, false) as is_dangerous_house,
        h.has_safe_water is false as has_no_safe_water,
        h.record_key,
        h.delivery_id,
        h.source_row
    from facts.rural_revitalisation_households as h
    inner join scope as s on h.household_id = s.household_id
    where h.county_code = :county_code and h.mo_type is null
),

house as (
    select distinct on (g.household_id)
        g.household_id,
        g.grade,
        g.record_key,
        g.delivery_id,
        g.source_row
    from facts.housing_house_safety as g
    inner join scope as s on g.household_id = s.household_id
    where g.county_code = :county_code and g.grade in ('C', 'D') and g.is_lived_in
    order by g.household_id asc, g.grade desc, g.house_no asc
),

person as (
    select
        p.household_id,
        count(*) filter (where p.has_resident_medical is false and p.has_employee_medical is false) as uninsured
    from facts.rural_revitalisation_persons as p
    inner join scope as s on p.household_id = s.household_id
    where p.county_code = :county_code
    group by p.household_id
),

dropped as (
    select
        l.household_id,
        count(*) as children
    from facts.education_dropout_ledger as l
    inner join scope as s on l.household_id = s.household_id
    where
        l.county_code = :county_code
        and l.ledger_type = 'dropped_out'
        and l.status in ('not_persuaded', 'persuading')
    group by l.household_id
),

judged as (
    select
        u.*,
        g.grade,
        g.record_key as house_key,
        g.delivery_id as house_delivery_id,
        g.source_row as house_row,
        coalesce(p.uninsured, 0) as uninsured,
        coalesce(d.children, 0) as dropped_out
    from unmonitored as u
    left join house as g on u.household_id = g.household_id
    left join person as p on u.household_id = p.household_id
    left join dropped as d on u.household_id = d.household_id
)

select
    j.household_id,
    'rural_revitalisation.households' as dataset,
    j.record_key,
    j.delivery_id,
    j.source_row,
    case when j.house_key is not null then 'housing.house_safety' end as other_dataset,
    j.house_key as other_record_key,
    j.house_delivery_id as other_delivery_id,
    j.house_row as other_source_row,
    nullif(j.is_dangerous_house, false) as ev_is_dangerous_house,
    j.grade as ev_house_grade,
    nullif(j.has_no_safe_water, false) as ev_has_no_safe_water,
    nullif(j.uninsured, 0) as ev_uninsured,
    nullif(j.dropped_out, 0) as ev_dropped_out
from judged as j
where
    j.is_dangerous_house
    or j.grade is not null
    or j.has_no_safe_water
    or j.uninsured > 0
    or j.dropped_out > 0

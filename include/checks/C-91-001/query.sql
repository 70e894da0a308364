with registered as (
    select
        h.village_code,
        count(*) as households,
        count(*) filter (where h.has_safe_water is false) as unsafe_water,
        count(*) filter (where h.is_dangerous_house) as dangerous_house
    from facts.rural_revitalisation_households as h
    where h.county_code = :county_code
    group by h.village_code
),

compared as (
    select
        v.village_code,
        v.household_count,
        v.unsafe_water_households,
        v.dangerous_house_households,
        v.record_key,
        v.delivery_id,
        v.source_row,
        r.households,
        r.unsafe_water,
        r.dangerous_house,
        r.households > v.household_count as is_short,
        r.unsafe_water > v.unsafe_water_households as is_short_of_water,
        r.dangerous_house > v.dangerous_house_households as is_short_of_houses
    from facts.rural_revitalisation_villages as v
    inner join registered as r on v.village_code = r.village_code
    where v.county_code = :county_code
)

select
    c.village_code,
    'rural_revitalisation.villages' as dataset,
    c.record_key,
    c.delivery_id,
    c.source_row,
    'rural_revitalisation.households' as other_dataset,
    case when c.is_short then c.household_count end as ev_household_count,
    case when c.is_short then c.households end as ev_registered_households,
    case when c.is_short_of_water then c.unsafe_water_households end as ev_unsafe_water_households,
    case when c.is_short_of_water then c.unsafe_water end as ev_registered_unsafe_water,
    case when c.is_short_of_houses then c.dangerous_house_households end as ev_dangerous_house_households,
    case when c.is_short_of_houses then c.dangerous_house end as ev_registered_dangerous_house
from compared as c
where c.is_short or c.is_short_of_water or c.is_short_of_houses

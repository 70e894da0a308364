-- A small county has fewer people than its villages need to look like villages: what is counted has a floor.
with counted as (
    select v.*, count(h.hh) as homes, coalesce(sum(h.size), 0) as people, count(*) filter (h.has_dibao) as dibao_homes,
        coalesce(sum(h.size) filter (h.has_dibao), 0) as dibao_people, count(*) filter (h.is_destitute) as destitute,
        coalesce(sum(h.disabled), 0) as disabled, coalesce(sum(h.elders), 0) as elders,
        count(*) filter (u(h.hh, 'water') <= 0.002) as dry_homes, count(*) filter (u(h.hh, 'grade 1') < 0.0035) as unsafe_homes
    from village as v
    left join household_state as h on v.village_code = h.village_code
    group by all
), sized as (
    select *, greatest(homes, 80 + hash(village_code, 'homes', getvariable('seed')) % 240)::int as household_count
    from counted
), peopled as (
    select *, greatest(people, household_count * 3 + hash(village_code, 'people', getvariable('seed')) % 90)::int as population
    from sized
)
select
    null::bigint as _person, null::bigint as _hh,
    '衔接示范县' as county, town_name as town, village_name as village, village_code as division_code,
    u(village_code, 'lifted') < 0.35 as is_lifted_village, household_count, population,
    round(3 + 60 * power(u(village_code, 'collective'), 3), 2)::decimal(12, 2) as collective_income_wan_yuan,
    u(village_code, 'school') < 0.4 as has_primary_school, true as has_clinic,
    1 + (hash(village_code, 'doctors', getvariable('seed')) % 2)::int as doctor_count,
    1 + (hash(village_code, 'toilets', getvariable('seed')) % 4)::int as public_toilet_count,
    2 + (hash(village_code, 'waste', getvariable('seed')) % 9)::int as waste_point_count, true as has_culture_room,
    u(village_code, 'bus') < 0.95 as has_bus, u(village_code, 'hard road') < 0.99 as has_hard_road,
    dry_homes::int as unsafe_water_households, unsafe_homes::int as dangerous_house_households,
    dibao_homes::int as dibao_households, dibao_people::int as dibao_population, destitute::int as destitute_population,
    disabled::int as disabled_population, (elders + floor(population * 0.5))::int as pension_insured_population
from peopled

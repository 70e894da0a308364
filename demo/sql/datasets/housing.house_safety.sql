with houses as (
    select h.*, n.number, u(h.hh, 'grade ' || n.number) as grade_draw,
        1972 + floor(52 * sqrt(u(h.hh, 'built ' || n.number)))::int as built_year
    from household_state as h
    cross join range(1, 3) as n (number)
    where n.number = 1 or u(h.hh, 'second house') < 0.03
), graded as (
    select *,
        case when grade_draw < 0.0011 then 'D' when grade_draw < 0.0035 then 'C' when grade_draw < 0.33 then 'B'
            when grade_draw < 0.955 then 'A' else '未鉴定' end as grade
    from houses
)
select
    null::bigint as _person, hh as _hh,
    'F' || village_code || lpad(hh::varchar, 10, '0') || number as house_no, head_name as owner_name, head_id as owner_id_number,
    if(is_base, hh_no, null) as household_no, village_code as division_code,
    (1 + hh % 12) || '社' || (1 + hh % 97) || '号' as address, built_year,
    case when built_year < 1995 then pick(hh, 'structure', ['土木', '土木', '砖木', '石木'])
        else pick(hh, 'structure', ['砖混', '砖混', '砖木', '框架']) end as structure,
    1 + (u(hh, 'storeys') < 0.18)::int as storeys, (60 + floor(u(hh, 'area') * 120))::decimal(9, 2) as area_m2,
    built_year < 2005 and u(hh, 'c done') < 0.06 as is_grade_c_renovated,
    if(built_year < 2005 and u(hh, 'c done') < 0.06, 2014 + (hh % 6)::int, null) as grade_c_renovated_year,
    built_year < 1990 and u(hh, 'd done') < 0.05 as is_grade_d_renovated,
    if(built_year < 1990 and u(hh, 'd done') < 0.05, 2014 + (hh % 6)::int, null) as grade_d_renovated_year,
    grade,
    if(grade = '未鉴定', null, if(u(hh, 'mode') < 0.8, '集中鉴定', '第三方')) as appraisal_mode,
    if(grade = '未鉴定', null, date '2024-04-01' + (hash(hh, 'appraised', getvariable('seed')) % 800)::int) as appraisal_date,
    if(grade = '未鉴定', null, '衔接示范县房屋安全鉴定站') as appraiser,
    if(u(hh, 'hazard') < 0.985, '无', pick(hh, 'hazard kind', ['滑坡', '泥石流', '洪涝'])) as site_hazard,
    number = 1 and not (grade in ('C', 'D') and u(hh, 'moved out') < 0.45) as is_lived_in
from graded

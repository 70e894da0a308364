select
    p.person as _person, p.hh as _hh,
    'G' || p.id_number as student_no, p.name, p.id_number, if(p.sex = 1, '男', '女') as sex, p.birth_date,
    '26' || right(p.town_code, 3) || case p.stage when '学前' then '0' when '小学' then '1' when '初中' then '2'
        when '普高' then '3' when '中职' then '4' else '5' end
    || lpad((1 + floor(p.school_draw * 3))::int::varchar, 4, '0') as school_code,
    case p.stage
        when '学前' then v.town_name || '中心幼儿园' when '小学' then v.town_name
            || ['中心学校', '希望小学', '寄宿制学校'][1 + floor(p.school_draw * 3)::int]
        when '初中' then v.town_name || '初级中学'
        when '普高' then '衔接示范县第' || ['一', '二', '三'][1 + floor(p.school_draw * 3)::int] || '中学'
        when '中职' then '衔接示范县职业技术学校' else '衔接示范县特殊教育学校'
    end as school_name,
    p.stage, p.grade, p.grade || '年级' || (1 + hash(p.person, 'class', getvariable('seed')) % 4) || '班' as class_name,
    (2027 - p.grade) || '09' as entry_month,
    case
        when p.age >= 16 and u(p.person, 'left') < 0.004 then '退学'
        when u(p.person, 'left') < 0.0004 then '退学' when u(p.person, 'left') > 0.9985 then '休学' else '在校'
    end as status,
    if(p.stage in ('初中', '普高', '中职', '特教') or u(p.person, 'board') < 0.2, '住校', '走读') as boarding,
    u(p.person, 'migrant') < 0.03 as is_migrant_child, u(p.person, 'left behind') < 0.11 as is_left_behind,
    if(p.health = '残疾', p.disability_category, null) as disability_category,
    v.town_name || v.village_name || (1 + p.hh % 12) || '社' || (1 + p.hh % 97) || '号' as home_address,
    h.head_name as guardian_name, h.head_id as guardian_id_number, h.phone as guardian_phone
from person_state as p
inner join household_state as h on p.hh = h.hh
inner join village as v on p.village_code = v.village_code
where p.stage in ('学前', '小学', '初中', '普高', '中职', '特教')
    and u(p.person, 'enrolled') > if(p.age between 6 and 15, 0.0006, 0.004)

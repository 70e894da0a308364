select
    p.person as _person, p.hh as _hh,
    '青海省' as province, '西宁市' as city, '衔接示范县' as county, v.town_name as town, v.village_name as village,
    (1 + p.hh % 12) || '社' as natural_village, p.village_code as division_code, p.hh_no as household_no,
    p.hh_no || lpad(p.member::varchar, 2, '0') as person_no, p.name,
    if(p.health = '残疾' and u(p.person, 'certificate') < 0.6, '残疾人证', '居民身份证') as id_type,
    if(p.health = '残疾' and u(p.person, 'certificate') < 0.6, p.id_number || p.disability_category || p.disability_grade, p.id_number)
        as id_number,
    if(p.sex = 1, '男', '女') as sex, p.birth_date, p.ethnic || '族' as ethnic_group, p.relation,
    if(p.age >= 18 and u(p.person, 'party') < 0.06, '中共党员', '群众') as political_status,
    case
        when p.stage is not null or p.age < 6 then null
        when p.age < 7 then null
        when p.age >= 60 and u(p.person, 'literate') < 0.35 then '文盲或半文盲'
        when p.age >= 45 and u(p.person, 'literate') < 0.62 then '小学' when u(p.person, 'literate') < 0.85 then '初中'
        when u(p.person, 'literate') < 0.93 then '高中' when u(p.person, 'literate') < 0.97 then '大专' else '本科及以上'
    end as education_level,
    case
        when p.age < 6 then if(p.stage = '学前', '学前教育', '学龄前儿童')
        when p.stage in ('小学', '特教') then if(p.age <= 14 and (p.stage = '小学' or p.age <= 11), '小学',
            ['七年级', '八年级', '九年级'][least(3, p.age - 11)])
        when p.stage = '初中' then ['七年级', '八年级', '九年级'][p.grade]
        when p.stage = '普高' then '普通高中' || ['一', '二', '三'][p.grade] || '年级'
        when p.stage = '中职' then '中职' || ['一', '二', '三'][p.grade] || '年级'
        when p.stage = '高职' then '高职高专' || ['一', '二', '三'][p.grade] || '年级'
        when p.stage = '本科' then '本科' || ['一', '二', '三', '四'][p.grade] || '年级'
    end as student_status,
    null::varchar as dropout_reason, p.health, p.skill as labour_skill, p.age between 5 and 74 as is_mandarin_speaker,
    if(p.has_post, '乡(镇)内', p.work_place) as work_place, if(p.works, p.months, 0) as work_months,
    if(p.has_post, pick(p.person, 'post', ['护林', '草原管护', '保洁', '护路', '水利']), null) as public_post,
    if(p.has_post, 9, 0) as public_post_months,
    case when p.has_post then '公益性岗位' when p.works then job_channel(p.person, p.work_place) end as job_channel,
    not (p.works and p.skill = '技能劳动力') as has_resident_medical, p.works and p.skill = '技能劳动力' as has_employee_medical,
    u(p.person, 'major') > 0.004 as has_major_illness_insurance, u(p.person, 'commercial') < 0.07 as has_commercial_medical,
    p.hh_type <> '一般农户' and u(p.person, 'accident') < 0.3 as has_accident_insurance,
    p.age >= 16 and p.stage is null and not (p.works and p.skill = '技能劳动力') as has_resident_pension,
    p.works and p.skill = '技能劳动力' as has_employee_pension,
    p.health = '患有大病' and u(p.person, 'medical aid') < 0.5 as has_medical_aid,
    if(h.has_dibao, '农村低保', '未享受') as dibao, if(h.is_destitute, '农村特困', '不享受') as destitute_support,
    if(p.age >= 14, p.phone, null) as phone,
    case p.hh_type when '脱贫户' then '201512' when '监测户' then (2021 + p.hh % 4) || '0' || (1 + p.hh % 9) end as first_identified_month,
    case p.hh_type when '脱贫户' then '201512' when '监测户' then (2021 + p.hh % 4) || '0' || (1 + p.hh % 9) end as person_identified_month
from person_state as p
inner join household_state as h on p.hh = h.hh
inner join village as v on p.village_code = v.village_code
where p.is_base

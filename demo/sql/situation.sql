-- What each person does and each household lives on, the evening before the first night.
-- Ages are those of 1 September 2026, the day that school rules count from.
create or replace table person_state as
with drawn as (
    select p.*,
        u(p.person, 'school') as school_draw, u(p.person, 'health') as health_draw, u(p.person, 'work') as work_draw,
        u(p.person, 'place') as place_draw, u(p.person, 'wage') as wage_draw, u(p.person, 'post') as post_draw,
        u(p.person, 'aid') as aid_draw
    from person as p
), healthy as (
    select *,
        case
            when health_draw < 0.012 + if(age >= 60, 0.05, 0.0) then '残疾'
            when health_draw < 0.022 + if(age >= 60, 0.075, 0.0) then '患有大病'
            when health_draw < 0.060 + if(age >= 50, 0.26, 0.0) then '长期慢性病'
            else '健康'
        end as health,
        1 + floor(u(person, 'disability') * 7)::int as disability_category,
        1 + floor(u(person, 'disability grade') * 4)::int as disability_grade
    from drawn
), schooled as (
    select *,
        case
            when age between 6 and 14 and health = '残疾' and disability_grade <= 2 then '特教'
            when age between 3 and 5 and school_draw < 0.78 then '学前'
            when age between 6 and 11 then '小学'
            when age between 12 and 14 then '初中'
            when age = 15 then if(school_draw < 0.30, '初中', if(school_draw < 0.72, '普高', '中职'))
            when age between 16 and 17 and school_draw < 0.58 then '普高'
            when age between 16 and 17 and school_draw < 0.90 then '中职'
            when age between 18 and 21 and school_draw < 0.16 then '高职'
            when age between 18 and 21 and school_draw < 0.40 then '本科'
        end as stage
    from healthy
), placed as (
    select *,
        case
            when stage in ('小学', '特教') then age - 5 when stage = '学前' then age - 2
            when stage = '初中' then least(3, age - 11) when stage in ('普高', '中职') then least(3, age - 14)
            when stage in ('高职', '本科') then least(age - 17, if(stage = '高职', 3, 4))
        end as grade,
        case
            when age < 16 then '无劳动力' when stage is not null then '普通劳动力'
            when health = '残疾' and disability_grade <= 2 then '丧失劳动力'
            when age >= 72 then '无劳动力'
            when age >= 60 or health in ('残疾', '患有大病') then '弱劳动力或半劳动力'
            when work_draw < 0.09 then '技能劳动力' else '普通劳动力'
        end as skill
    from schooled
), working as (
    select *,
        age between 18 and 59 and stage is null and skill in ('普通劳动力', '技能劳动力') and work_draw < 0.68 as works,
        hh_type <> '一般农户' and age between 18 and 69 and stage is null and work_draw >= 0.68
        and skill in ('普通劳动力', '弱劳动力或半劳动力') and post_draw < 0.34 as has_post
    from placed
)
select person, hh, hh_no, village_code, left(village_code, 9) as town_code, size, hh_type, member, role, sex, age,
    ethnic, relation, birth_date, is_base, id_number, name,
    health, disability_category, disability_grade, stage, grade, skill, works, has_post,
    '1' || ['38', '39', '51', '87', '59', '77', '36', '52', '80', '99'][1 + floor(place_draw * 10)::int]
    || lpad((hash(person, 'phone', getvariable('seed')) % 100000000)::varchar, 8, '0') as phone,
    '6228' || lpad((hash(hh, 'bank', getvariable('seed')) % 1000000000000000)::varchar, 15, '0') as account,
    if(works, 1900 + (floor(wage_draw * wage_draw * 52) * 100)::int + if(skill = '技能劳动力', 900, 0), 0) as wage,
    case when works then 6 + floor(u(person, 'months') * 6)::int when has_post then 12 else 0 end as months,
    case
        when not works then null when place_draw < 0.30 then '乡(镇)内' when place_draw < 0.58 then '乡(镇)外县内'
        when place_draw < 0.86 then '县外省内' else '省外'
    end as work_place,
    aid_draw, school_draw, post_draw, work_draw
from working;

create or replace table household_state as
with heads as (
    select hh, max(name) filter (where member = 1) as head_name, max(id_number) filter (where member = 1) as head_id,
        max(phone) filter (where member = 1) as phone, max(account) as account, max(age) as oldest,
        count(*) filter (where age < 16) as children,
        count(*) filter (where skill in ('普通劳动力', '技能劳动力', '弱劳动力或半劳动力') and stage is null) as labour,
        count(*) filter (where health = '患有大病') as ill, count(*) filter (where health = '残疾') as disabled,
        count(*) filter (where stage is not null) as pupils, count(*) filter (where age >= 60) as elders,
        count(*) filter (where is_base) as base_size,
        sum(wage * months)::double as wages, sum(if(has_post, 10800, 0))::double as post_income
    from person_state
    group by hh
), welfare as (
    select h.hh, h.hh_no, h.village_code, h.town_code, h.template, h.size, h.ethnic, h.is_base, h.hh_type, h.mo_type,
        p.* exclude (hh),
        h.template = 1 and p.labour = 0 and u(h.hh, 'destitute') < 0.32 as is_destitute,
        u(h.hh, 'dibao') < case h.hh_type when '监测户' then 0.42 when '脱贫户' then 0.17 else 0.021 end
        and not (h.template = 1 and p.labour = 0) as has_dibao
    from household as h
    inner join heads as p on h.hh = p.hh
), amounts as (
    select *,
        post_income as inc_public_post,
        if(labour > 0, round(1500 + 15000 * power(u(hh, 'farm'), 2), 2), round(300 * u(hh, 'farm'), 2)) as inc_business,
        if(u(hh, 'rent') < 0.4, round(150 + 2600 * u(hh, 'rent amount'), 2), 0) as inc_property,
        if(has_dibao, size * (1800 + round(1500 * u(hh, 'dibao amount'))), 0) as inc_dibao,
        if(is_destitute, 10140.0, 0.0) as inc_destitute, elders * 2160.0 as inc_pension,
        round(120 + 900 * u(hh, 'ecology'), 2) as inc_ecology
    from welfare
), costed as (
    select *, round(inc_business * (0.18 + 0.2 * u(hh, 'cost')), 2) as cost_business,
        u(hh, 'poor') < 0.009 and hh_type = '脱贫户' or u(hh, 'poor') < 0.25 and hh_type = '监测户' as is_poor,
        round(if(hh_type = '监测户', 9300, 10200) + 5200 * u(hh, 'floor'), 2) as floor_income,
        round(6300 + 2300 * u(hh, 'low'), 2) as low_income
    from amounts
), known as (
    select *, wages + inc_public_post + inc_business + inc_property + inc_dibao + inc_destitute + inc_pension
        + inc_ecology - cost_business as net_known
    from costed
)
-- other transfers lift a household to its floor; a poor one is scaled down to below the monitor line instead
select * exclude (
        wages, inc_public_post, inc_business, inc_property, inc_dibao, inc_destitute, inc_pension, inc_ecology,
        cost_business, floor_income, low_income, net_known, post_income
    ),
    if(is_poor, least(1, low_income * size / greatest(net_known, 1)), 1) as scale,
    round(wages * scale, 2) as inc_wage_other, round(inc_public_post * scale, 2) as inc_public_post,
    round(inc_business * scale, 2) as inc_business, round(cost_business * scale, 2) as cost_business,
    round(inc_property * scale, 2) as inc_property, round(inc_dibao * scale, 2) as inc_dibao,
    round(inc_destitute * scale, 2) as inc_destitute, round(inc_pension * scale, 2) as inc_pension,
    round(inc_ecology * scale, 2) as inc_ecology,
    if(is_poor, 0, greatest(0, round(floor_income * size - net_known, 2))) as inc_other_transfer
from known;

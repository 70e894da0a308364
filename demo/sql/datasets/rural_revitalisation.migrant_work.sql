with watched as (
    select p.*, v.town_name, v.village_name, unnest(['202608', '202609']) as month,
        not p.works and p.skill = '普通劳动力' and p.stage is null and p.age between 18 and 55 and u(p.person, 'plans') < 0.15 as is_planning,
        if(p.works, job_channel(p.person, p.work_place), null) as job_channel
    from person_state as p
    inner join village as v on p.village_code = v.village_code
    where p.is_base and p.hh_type <> '一般农户'
)
select
    person as _person, hh as _hh,
    '衔接示范县' as county, town_name as town, village_name as village, hh_no as household_no,
    hh_no || lpad(member::varchar, 2, '0') as person_no, name, id_number, month, works as is_working, is_planning,
    if(works, date '2025-11-01' + (hash(person, 'hired', getvariable('seed')) % 240)::int, null) as started_date,
    null::date as ended_date,
    case when not works then null when work_place = '省外' then pick(person, 'city', ['江苏省', '浙江省', '广东省', '西藏自治区'])
        else '青海省' end as work_province,
    case when not works then null when work_place = '省外' then pick(person, 'city', ['苏州市', '杭州市', '深圳市', '拉萨市'])
        when work_place = '县外省内' then pick(person, 'city', ['西宁市', '西宁市', '海西州', '海东市']) else '西宁市' end as work_city,
    case when not works then null when work_place = '省外' then pick(person, 'city', ['虎丘区', '滨江区', '宝安区', '城关区'])
        when work_place = '县外省内' then pick(person, 'city', ['城东区', '城西区', '格尔木市', '平安区']) else '衔接示范县' end as work_county,
    job_channel,
    if(job_channel in ('企业吸纳', '帮扶车间'), pick(person, 'employer', ['高原青稞食品有限公司', '河湟建筑劳务有限公司', '雪域农牧专业合作社', '西宁百货零售有限公司']), null)
        as employer_name,
    if(works, pick(person, 'industry', ['制造业', '建筑业', '批发和零售业', '农、林、牧、渔业', '住宿和餐饮业']), null) as industry,
    if(works, wage + if(month = '202608', 0, (person % 5)::int * 20), null)::decimal(12, 2) as wage_yuan,
    if(works, job_channel = '东西部协作', null) as is_point_to_point,
    if(works and work_place = '省外' and u(person, 'transport') < 0.6, 500, null)::decimal(12, 2) as transport_subsidy_yuan,
    if(is_planning, pick(person, 'planned', ['衔接示范县', '城西区', '吴江区']), null) as planned_county,
    if(is_planning, pick(person, 'need', ['岗位信息', '技能培训', '岗位信息、技能培训', '创业扶持']), '无需求') as service_need
from watched
where works or is_planning

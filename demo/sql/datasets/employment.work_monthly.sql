with months as (
    select unnest(['202608', '202609']) as month
), labour as (
    select p.*, m.month,
        case when p.works then if(p.work_draw < 0.5, '在岗', '灵活就业') when p.has_post then '在岗'
            when u(p.person, 'unemployed') < if(p.hh_type = '一般农户', 0.02, 0.012) then '失业' else '未就业' end as status
    from person_state as p
    cross join months as m
    where p.age between 18 and 62 and p.stage is null and p.skill in ('普通劳动力', '技能劳动力', '弱劳动力或半劳动力')
        and (p.works or p.has_post or p.hh_type <> '一般农户' or u(p.person, 'watched') < 0.5)
)
select
    person as _person, hh as _hh,
    id_number, month, name, status,
    case when status not in ('在岗', '灵活就业') then null when has_post or work_place like '乡%' then '639900'
        when work_place = '县外省内' then pick(person, 'city', ['630102', '630104', '632801', '630203'])
        else pick(person, 'city', ['320505', '330108', '440306', '540102']) end as work_division_code,
    case when status not in ('在岗', '灵活就业') then null when has_post then '公益性岗位'
        else job_channel(person, work_place)
    end as job_channel,
    case when status = '在岗' and not has_post then pick(person, 'employer', ['高原青稞食品有限公司', '河湟建筑劳务有限公司', '雪域农牧专业合作社', '西宁百货零售有限公司'])
        when has_post then '乡镇人民政府' end as employer_name,
    if(status = '在岗' and not has_post, pick(person, 'employer', ['91639900MA75000A1X', '91639900MA75000B2H', '93639900MA75000C31', '91639900MA75000D4K']), null)
        as employer_uscc,
    case when status in ('在岗', '灵活就业') then pick(person, 'industry', ['制造业', '建筑业', '批发和零售业', '农、林、牧、渔业', '住宿和餐饮业']) end as industry,
    if(status in ('在岗', '灵活就业'), status = '在岗', null) as has_contract,
    case when works then (wage + if(month = '202608', 0, (person % 5)::int * 20))::decimal(12, 2) when has_post then 900.00 end
        as wage_yuan,
    if(status in ('在岗', '灵活就业'), date '2025-11-01' + (hash(person, 'hired', getvariable('seed')) % 240)::int, null) as started_date,
    if(status = '失业', date '2026-07-20', null) as ended_date,
    if(status = '失业', date '2026-07-25' + (hash(person, 'registered', getvariable('seed')) % 20)::int, null) as unemployed_date,
    if(status = '失业', pick(person, 'cause', ['合同到期', '被辞退', '主动辞职']), null) as unemployed_reason,
    null::date as benefit_start_date, null::date as benefit_end_date
from labour

with workshops as (
    select *, 6 + (hash(village_code, 'workers', getvariable('seed')) % 45)::int as workers, u(village_code, 'stopped') < 0.06 as is_stopped
    from village
    where u(village_code, 'workshop') < 0.16
)
select
    null::bigint as _person, null::bigint as _hh,
    'CJ' || village_code as workshop_no,
    village_name || pick(village_code, 'craft', ['刺绣', '拉面', '青稞加工', '服装', '手工皮具']) || '工坊' as workshop_name,
    '92639900MA75' || lpad((hash(village_code, 'uscc', getvariable('seed')) % 100000)::varchar, 5, '0') || 'X' as uscc,
    village_code as division_code, town_name || village_name as address,
    pick(village_code, 'craft', ['制造业', '住宿和餐饮业', '制造业', '制造业', '制造业']) as industry,
    date '2020-03-01' + (hash(village_code, 'recognised', getvariable('seed')) % 1800)::int as recognised_date,
    if(is_stopped, '停产', '正常生产') as status, if(is_stopped, 0, workers) as workers,
    if(is_stopped, 0, 1 + floor(workers * u(village_code, 'watched'))::int) as watched_workers,
    if(is_stopped, null, 1800 + 100 * (hash(village_code, 'wage', getvariable('seed')) % 20)::int)::decimal(12, 2) as average_wage_yuan,
    if(is_stopped, 0, 10000 + 1000 * (hash(village_code, 'award', getvariable('seed')) % 40)::int)::decimal(12, 2) as award_yuan,
    pick(village_code, 'workshop head', ['马忠良', '李玉梅', '祁发财', '王有德', '冶秀英']) as contact_name,
    '1369708' || right(village_code, 2) || substr(village_code, 8, 2) as contact_phone
from workshops

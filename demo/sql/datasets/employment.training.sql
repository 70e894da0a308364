with trained as (
    select *, date '2026-03-01' + 10 * (hash(person, 'class', getvariable('seed')) % 15)::int as started_date,
        u(person, 'passed') < 0.93 as is_passed
    from person_state
    where age between 18 and 57 and stage is null and skill in ('普通劳动力', '技能劳动力', '弱劳动力或半劳动力')
        and u(person, 'trained') < if(hh_type = '一般农户', 0.012, 0.10)
)
select
    person as _person, hh as _hh,
    id_number, 'PX' || strftime(started_date, '%Y%m%d') || lpad((1 + person % 6)::varchar, 2, '0') as class_no, name,
    pick(person, 'occupation', ['拉面制作', '刺绣', '挖掘机驾驶', '家政服务', '电工', '中式烹调']) as occupation,
    pick(person, 'level', ['初级', '初级', '中级', '专项能力']) as level, 80 + 8 * (person % 6)::int as hours,
    started_date, started_date + 15 as ended_date, is_passed,
    if(is_passed, 'QH' || lpad(person::varchar, 14, '0'), null) as certificate_no,
    if(is_passed, 800 + 100 * (person % 10)::int, 0)::decimal(12, 2) as subsidy_yuan, is_passed and works as is_employed_after
from trained

with insured as (
    select p.*, h.has_dibao, p.works and p.skill = '技能劳动力' as is_employee, u(p.person, 'interrupted') < 0.02 as is_interrupted
    from person_state as p
    inner join household_state as h on p.hh = h.hh
    where p.age >= 16 and p.stage is null and (p.hh_type <> '一般农户' or u(p.person, 'insured') < 0.06)
)
select
    person as _person, hh as _hh,
    id_number, if(is_employee, '城镇职工养老保险', '城乡居民养老保险') as insurance, name,
    case when age >= 61 then '退休' when is_interrupted then '中断' else '参保' end as status,
    case when age >= 61 then null when is_interrupted then '202401' else '202601' end as paid_month,
    age < 61 and not is_employee and hh_type <> '一般农户' and (has_dibao or health = '残疾') as is_paid_by_government,
    age >= 61 as is_receiving
from insured

with studying as (
    select *,
        case stage when '普高' then 800 when '中职' then 0 when '高职' then 4800 else 5200 end as tuition,
        case when stage in ('普高', '中职') then 400 else 1000 end as accommodation,
        case when stage in ('普高', '中职') then 480 else 620 end + floor(u(person, 'textbooks') * 20) * 10 as textbooks,
        case when hh_type <> '一般农户' and aid_draw < 0.9 then if(stage = '普高', 1500, if(stage = '中职', 800, 3700))
            when aid_draw < 0.2 then 800 else 0 end as aid
    from person_state
    where stage in ('普高', '中职', '高职', '本科') and grade > 1 and (hh_type <> '一般农户' or u(person, 'burden') < 0.35)
)
select
    person as _person, hh as _hh,
    id_number, '2025-2026' as school_year, name,
    case stage when '普高' then '衔接示范县第一中学' when '中职' then '衔接示范县职业技术学校'
        else pick(person, 'college', ['青海高等职业学院', '西宁师范学院', '高原农牧大学', '河湟理工学院']) end as school_name,
    stage, tuition::decimal(12, 2) as tuition_yuan, accommodation::decimal(12, 2) as accommodation_yuan,
    textbooks::decimal(12, 2) as textbook_yuan, aid::decimal(12, 2) as aid_yuan,
    greatest(0, tuition + accommodation + textbooks - aid)::decimal(12, 2) as self_paid_yuan
from studying

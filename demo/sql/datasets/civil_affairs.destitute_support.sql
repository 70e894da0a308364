select
    p.person as _person, p.hh as _hh,
    p.id_number, p.name, p.village_code as division_code,
    if(u(p.person, 'home') < 0.22, '集中', '分散') as support_type,
    case when u(p.person, 'care') < 0.6 then '全自理' when u(p.person, 'care') < 0.87 then '半护理' else '全护理' end as care_level,
    845.00::decimal(12, 2) as living_allowance_yuan,
    case when u(p.person, 'care') < 0.6 then 0 when u(p.person, 'care') < 0.87 then 300 else 600 end::decimal(12, 2)
        as care_allowance_yuan,
    if(u(p.person, 'home') < 0.22, '衔接示范县中心敬老院', null) as institution_name,
    if(u(p.person, 'home') < 0.22, null, pick(p.person, 'carer', ['马成林', '李永福', '张海军', '祁有才', '王秀兰', '韩占英']))
        as carer_name,
    if(u(p.person, 'home') < 0.22, null, p.phone) as carer_phone,
    (2014 + floor(u(p.person, 'since') * 11))::int || lpad((1 + p.person % 12)::varchar, 2, '0') as start_month,
    null::varchar as end_month
from person_state as p
inner join household_state as h on p.hh = h.hh
where h.is_destitute

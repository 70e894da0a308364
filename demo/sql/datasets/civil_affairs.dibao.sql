with covered as (
    select hh, size, head_name, u(hh, 'dibao class') as class_draw, u(hh, 'dibao start') as start_draw, account
    from household_state
    where has_dibao
)
select
    p.person as _person, p.hh as _hh,
    'D639900' || lpad(h.hh::varchar, 10, '0') as dibao_no, p.id_number, '202609' as month, p.name, h.head_name, p.relation,
    p.village_code as division_code, h.size as household_size, h.size as insured_size,
    case when h.class_draw < 0.2 then '一类' when h.class_draw < 0.6 then '二类' else '三类' end as category,
    480.00::decimal(12, 2) as standard_yuan,
    (h.size * (140 + floor(h.class_draw * 260)))::decimal(12, 2) as household_payment_yuan,
    case when p.health = '残疾' and p.disability_grade <= 2 then '重残' when p.health = '患有大病' then '重病'
        when p.age >= 70 then '老年' when p.age < 16 then '未成年' end as special_category,
    if(h.start_draw < 0.015, '202609', (2018 + floor(h.start_draw * 8))::int || lpad((1 + p.hh % 8)::varchar, 2, '0'))
        as start_month,
    null::varchar as end_month, null::varchar as end_reason, null::varchar as grace_until_month,
    v.town_name || '人民政府' as approving_body, '农村信用合作联社' as bank_name, h.account as bank_account
from person_state as p
inner join covered as h on p.hh = h.hh
inner join village as v on p.village_code = v.village_code

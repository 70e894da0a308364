with cared as (
    select p.*, h.head_name, h.phone as head_phone, h.template,
        case
            when p.age < 16 and u(p.person, 'orphan') < 0.003 then '孤儿'
            when p.age < 16 and u(p.person, 'orphan') < 0.007 then '事实无人抚养儿童'
            when p.age < 16 and u(p.person, 'orphan') < 0.025 then '留守儿童'
            when p.age >= 65 and h.template in (1, 3) and u(p.person, 'elder') < 0.10 then '留守老人'
            when p.age >= 65 and h.template in (1, 3) and u(p.person, 'elder') < 0.16 then '困境老人'
        end as category
    from person_state as p
    inner join household_state as h on p.hh = h.hh
)
select
    person as _person, hh as _hh,
    id_number, name, village_code as division_code, category,
    case when age < 16 then '亲属监护' when u(person, 'guarded') < 0.8 then '自理' else '村(居)委会监护' end as guardianship,
    if(age < 16, head_name, null) as guardian_name, if(age < 16, head_phone, null) as guardian_phone,
    case category when '孤儿' then 1100 when '事实无人抚养儿童' then 1100 when '困境老人' then 120 end::decimal(12, 2)
        as allowance_yuan,
    (2022 + floor(u(person, 'cared since') * 4))::int || lpad((1 + person % 12)::varchar, 2, '0') as start_month,
    null::varchar as end_month
from cared
where category is not null

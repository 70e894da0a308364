with granted as (
    select p.*, n.number,
        date '2025-10-08' + (hash(p.hh, n.number, 'relief day', getvariable('seed')) % 340)::int as applied_date,
        u(p.hh, 'amount ' || n.number) as amount_draw
    from person_state as p
    cross join range(1, 3) as n (number)
    where p.member = 1 and u(p.hh, 'relief') < if(n.number = 1, 0.021, 0.0008)
)
select
    person as _person, hh as _hh,
    'LS' || strftime(applied_date, '%Y%m') || lpad(hh::varchar, 10, '0') || number as relief_no, name, id_number,
    village_code as division_code, if(amount_draw < 0.55, '急难型', '支出型') as relief_type,
    pick(hh, 'relief cause', ['因病', '意外事故', '自然灾害', '因学', '其他']) as cause,
    (if(amount_draw > 0.975, 5000 + floor(amount_draw * 40) * 100, 400 + floor(amount_draw * 36) * 100))::decimal(12, 2)
        as amount_yuan,
    applied_date, applied_date + 3 as approved_date, applied_date + 6 as paid_date, amount_draw < 0.1 as is_small_amount_first
from granted

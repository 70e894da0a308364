with terms as (
    select unnest(['2025-2026-2', '2026-2027-1']) as term
), entitled as (
    select p.*, t.term, unnest(list_filter([
        if(p.stage in ('小学', '初中'), '营养改善', null),
        if(p.stage in ('小学', '初中') and p.aid_draw < if(p.hh_type = '一般农户', 0.12, 0.95), '寄宿生补助', null),
        if(p.stage = '学前' and p.aid_draw < if(p.hh_type = '一般农户', 0.3, 0.97), '学前资助', null),
        if(p.stage = '普高' and p.aid_draw < if(p.hh_type = '一般农户', 0.3, 0.98), '普高助学金', null),
        if(p.stage = '普高' and p.aid_draw < if(p.hh_type = '一般农户', 0.1, 0.98), '普高免学费', null),
        if(p.stage = '中职' and p.aid_draw < 0.92, '中职免学费', null),
        if(p.stage = '中职' and p.hh_type <> '一般农户' and p.aid_draw < 0.9, '雨露计划', null)
    ], lambda x: x is not null)) as programme
    from person_state as p
    cross join terms as t
    where p.stage in ('学前', '小学', '初中', '普高', '中职') and (t.term = '2026-2027-1' or p.grade > 1)
)
select
    person as _person, hh as _hh,
    id_number, term, programme, name, 'G' || id_number as student_no,
    case programme when '营养改善' then 500 when '寄宿生补助' then 625 when '学前资助' then 600 when '普高助学金' then 1000
        when '普高免学费' then 400 when '中职免学费' then 1000 else 1500 end::decimal(12, 2) as standard_yuan,
    if(term = '2025-2026-2' or u(person, 'paid') < 0.35, case programme when '营养改善' then 500 when '寄宿生补助' then 625
        when '学前资助' then 600 when '普高助学金' then 1000 when '普高免学费' then 400 when '中职免学费' then 1000
        else 1500 end, null)::decimal(12, 2) as paid_yuan,
    case when term = '2025-2026-2' then date '2026-05-10' + (person % 20)::int
        when u(person, 'paid') < 0.35 then date '2026-09-08' + (person % 12)::int end as paid_date,
    if(term = '2025-2026-2' or u(person, 'paid') < 0.35, '已发放', '待发放') as status, account as bank_account
from entitled

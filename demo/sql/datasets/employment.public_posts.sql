select
    person as _person, hh as _hh,
    'GY' || right(town_code, 3) || lpad(person::varchar, 12, '0') as post_no, id_number, name,
    pick(person, 'post', ['护林', '草原管护', '保洁', '护路', '水利']) as post_type, '乡村' as post_nature,
    date '2026-01-01' as started_date, null::date as ended_date,
    case when u(person, 'ends') < 0.03 then date '2026-09-30' + (person % 15)::int else date '2026-12-31' end
        as contract_end_date,
    900.00::decimal(12, 2) as subsidy_standard_yuan, 900.00::decimal(12, 2) as subsidy_paid_yuan,
    18 + (hash(person, 'attendance', getvariable('seed')) % 5)::int as attendance_days,
    if(u(person, 'assessment') < 0.15, '优秀', '合格') as assessment,
    pick(person, 'fund', ['财政', '就业补助', '光伏']) as fund_source
from person_state
where has_post

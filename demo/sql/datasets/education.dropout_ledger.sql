select
    p.person as _person, p.hh as _hh,
    'G' || p.id_number as student_no,
    date '2026-09-04' + (hash(p.person, 'ledger', getvariable('seed')) % 14)::int as registered_date, p.name, p.id_number,
    if(u(p.person, 'kind') < 0.5, '疑似辍学', '辍学') as ledger_type,
    6 + (hash(p.person, 'days', getvariable('seed')) % 20)::int as absent_days,
    date '2026-09-02' as left_date,
    pick(p.person, 'cause', ['厌学', '务工', '家庭困难', '疾病', '残疾', '失联', '其他']) as reason,
    v.town_name || '中心学校校长' as persuader, 1 + (hash(p.person, 'calls', getvariable('seed')) % 3)::int as persuasion_count,
    date '2026-09-19' as last_persuasion_date, '家访' as last_persuasion_mode, '正在劝返' as last_persuasion_result,
    if(u(p.person, 'closed') < 0.4, '已返校', '劝返中') as status, null::date as closed_date
from person_state as p
inner join village as v on p.village_code = v.village_code
where p.stage in ('小学', '初中') and u(p.person, 'ledger') < greatest(0.004, 70 / getvariable('people'))

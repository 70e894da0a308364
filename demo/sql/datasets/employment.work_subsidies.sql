select
    person as _person, hh as _hh,
    id_number, '2026Q3' as quarter, if(work_place = '省外', '省外务工补助', '省内县外务工补助') as subsidy_type, name,
    if(work_place = '省外', pick(person, 'city', ['320505', '330108', '440306', '540102']),
        pick(person, 'city', ['630102', '630104', '632801', '630203'])) as work_division_code,
    date '2025-11-01' + (hash(person, 'hired', getvariable('seed')) % 240)::int as started_date, null::date as ended_date,
    if(work_place = '省外', 1000, 500)::decimal(12, 2) as amount_yuan, date '2026-08-10' + (person % 25)::int as paid_date,
    account as bank_account
from person_state
where works and hh_type <> '一般农户' and work_place in ('县外省内', '省外') and u(person, 'subsidised') < 0.6

-- Couples that married or parted within the year, and elders who died (they are in no other dataset any more).
with couples as (
    select h.person, h.hh, h.id_number, h.name, h.village_code, s.id_number as spouse_id_number, s.name as spouse_name,
        if(u(h.person, 'married') < 0.06, '结婚', '离婚') as event_type
    from person_state as h
    inner join person_state as s on h.hh = s.hh and s.role = 'spouse'
    where h.member = 1 and h.age between 24 and 40 and s.age >= 24 and u(h.person, 'married') < 0.08
), born as (
    select hh, village_code, head_name, date '1932-01-01' + (hash(hh, 'died born', getvariable('seed')) % 8000)::int as birth_date,
        1 + (hash(hh, 'died sex', getvariable('seed')) % 2)::int as sex
    from household_state
    where u(hh, 'died') < 0.015
), numbered as (
    select *, 898 + 2 * row_number() over (partition by birth_date, sex order by hh) + if(sex = 1, 1, 0) as sequence
    from born
), dead as (
    select hh * 16 + 15 as person, hh, id_number(birth_date, sequence) as id_number,
        left(head_name, 1) || if(sex = 1, '德福', '秀兰') as name, village_code, null as spouse_id_number,
        null as spouse_name, '死亡' as event_type
    from numbered
), happened as (
    select *, date '2025-10-01' + (hash(person, 'happened', getvariable('seed')) % 345)::int as event_date
    from (select * from couples union all by name select * from dead)
)
select
    person as _person, hh as _hh,
    id_number, event_type, event_date, name, event_date + (person % 4)::int as registered_date, spouse_name, spouse_id_number,
    village_code as division_code, if(event_type = '死亡', '衔接示范县殡葬管理所', '衔接示范县婚姻登记处') as registrar
from happened

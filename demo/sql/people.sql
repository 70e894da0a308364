-- Households and persons of the county as they are before the first night. Every draw is a hash of the
-- seed, the subject and a tag, so the county is the same on every machine and every run.

-- who lives together: share per mille, age of the head, chance that the head is a woman
create or replace table template as
select * from (values
    (1, 66, 60, 84, 0.42), (2, 40, 30, 58, 0.12), (3, 96, 58, 80, 0.06), (4, 78, 36, 60, 0.06),
    (5, 130, 25, 50, 0.07), (6, 180, 31, 50, 0.06), (7, 40, 33, 49, 0.06), (8, 62, 28, 50, 0.06),
    (9, 86, 31, 50, 0.05), (10, 42, 27, 46, 0.05), (11, 70, 31, 47, 0.05), (12, 68, 54, 68, 0.05),
    (13, 50, 55, 68, 0.05), (14, 24, 28, 50, 0.45), (15, 14, 31, 50, 0.45), (16, 16, 56, 72, 0.10),
    (17, 10, 30, 48, 0.08)
) as t (template, weight, head_low, head_high, woman_share);

-- the members of each kind of household: relation, ages counted from the head's
create or replace table member as
with roles as (
    select * from (values
        ('spouse', '配偶', '配偶', 'opposite', -3, 2), ('child1', '之子', '之女', 'any', -29, -22),
        ('child2', '之子', '之女', 'any', -31, -24), ('child3', '之子', '之女', 'any', -33, -27),
        ('parent1', '之父', '之母', 'f', 20, 28), ('parent2', '之父', '之母', 'm', 21, 30),
        ('son', '之子', '之子', 'm', -28, -22), ('wife', '之儿媳', '之儿媳', 'f', -30, -24),
        ('grand1', '之孙子', '之孙女', 'any', -54, -46), ('grand2', '之孙子', '之孙女', 'any', -55, -49),
        ('sibling', '之兄弟姐妹', '之兄弟姐妹', 'any', -8, 4)
    ) as r (role, male_word, female_word, sex_rule, low, high)
), sets as (
    select template, unnest(roles) as role from (values
        (3, ['spouse']), (4, ['spouse']), (5, ['spouse', 'child1']), (6, ['spouse', 'child1', 'child2']),
        (7, ['spouse', 'child1', 'child2', 'child3']), (8, ['spouse', 'child1', 'parent1']),
        (9, ['spouse', 'child1', 'child2', 'parent1']), (10, ['spouse', 'child1', 'parent2', 'parent1']),
        (11, ['spouse', 'child1', 'child2', 'parent2', 'parent1']), (12, ['spouse', 'son', 'wife', 'grand1']),
        (13, ['spouse', 'son', 'wife', 'grand1', 'grand2']), (14, ['child1']), (15, ['child1', 'child2']),
        (16, ['spouse', 'grand1']), (17, ['spouse', 'child1', 'sibling'])
    ) as s (template, roles)
)
select s.template, (1 + row_number() over (partition by s.template))::int as number, r.*
from sets as s
inner join roles as r on s.role = r.role
union all
select template, 1, 'head', '户主', '户主', 'head', 0, 0 from template;

create or replace table size_of as
select template, count(*)::int as size from member group by template;

create or replace table template_slot as
with cumulated as (
    select template, weight, sum(weight) over (order by template) as upper, sum(weight) over () as total from template
)
select s.slot::int as slot, c.template
from range(2048) as s (slot)
inner join cumulated as c on (s.slot + 0.5) / 2048 * c.total between c.upper - c.weight and c.upper;

create or replace table village_slot as
with cumulated as (
    select village_code, weight,
        sum(weight) over (order by village_code) as upper, sum(weight) over () as total
    from village
)
select s.slot::int as slot, c.village_code
from range(4096) as s (slot)
inner join cumulated as c on (s.slot + 0.5) / 4096 * c.total between c.upper - c.weight and c.upper;

create or replace table ethnic_slot as
with cumulated as (
    select town_code, ethnic, weight,
        sum(weight) over (partition by town_code order by weight desc, ethnic) as upper,
        sum(weight) over (partition by town_code) as total
    from town_ethnic
)
select c.town_code, s.slot::int as slot, c.ethnic
from range(256) as s (slot)
inner join cumulated as c on (s.slot + 0.5) / 256 * c.total between c.upper - c.weight and c.upper;

-- households until the wanted number of people is reached; single people fill the rest
create or replace table household as
with drawn as (
    select i.hh::bigint as hh, t.template, z.size,
        sum(z.size) over (order by i.hh rows unbounded preceding) as people
    from range((getvariable('people') / 3)::bigint) as i (hh)
    inner join template_slot as t on slot_of(i.hh, 'template') = t.slot
    inner join size_of as z on t.template = z.template
), kept as (
    select hh, template, size from drawn where people <= getvariable('people')
), filled as (
    select hh, template, size from kept
    union all
    select 1000000000 + i.n, 1, 1
    from range((getvariable('people') - (select sum(size) from kept))::bigint) as i (n)
), placed as (
    select f.hh, f.template, f.size, v.village_code, left(v.village_code, 9) as town_code
    from filled as f
    inner join village_slot as v on (hash(f.hh, 'village', getvariable('seed')) >> 11) % 4096 = v.slot
), drawn_facts as (
    select p.*, e.ethnic, k.head_low + floor(u(p.hh, 'age') * (k.head_high - k.head_low + 1))::int as head_age,
        u(p.hh, 'woman') < k.woman_share as is_woman_led,
        u(p.hh, 'base') >= 0.018 as is_base, u(p.hh, 'type') as type_draw, u(p.hh, 'mo') as mo_draw
    from placed as p
    inner join template as k on p.template = k.template
    inner join ethnic_slot as e
        on p.town_code = e.town_code and (hash(p.hh, 'ethnic', getvariable('seed')) >> 11) % 256 = e.slot
)
select hh,
    village_code || lpad(row_number() over (partition by village_code order by hh)::varchar, 5, '0') as hh_no,
    village_code, town_code, template, size, ethnic, head_age, is_woman_led, is_base,
    case
        when type_draw < 0.010 then '监测户' when type_draw < 0.100 then '脱贫户' else '一般农户'
    end as hh_type,
    case
        when type_draw >= 0.010 then null when mo_draw < 0.4 then '脱贫不稳定户'
        when mo_draw < 0.75 then '边缘易致贫户' else '突发严重困难户'
    end as mo_type
from drawn_facts;

-- persons, without the sequence of their ID
create or replace table person_draft as
with members as (
    select h.hh * 16 + m.number as person, h.hh, h.hh_no, h.village_code, h.size, h.hh_type,
        m.number as member, m.role, m.low, m.high, h.head_age, h.ethnic as hh_ethnic, h.is_base as is_base_hh,
        m.male_word, m.female_word,
        case m.sex_rule
            when 'head' then if(h.is_woman_led, 2, 1) when 'opposite' then if(h.is_woman_led, 1, 2)
            when 'm' then 1 when 'f' then 2
            else if(u(h.hh * 16 + m.number, 'sex') < 0.515, 1, 2)
        end as sex
    from household as h
    inner join member as m on h.template = m.template
), aged as (
    select *,
        greatest(0, head_age + low + floor(u(person, 'age') * (high - low + 1))::int) as age,
        if(role in ('spouse', 'wife') and u(person, 'mixed') < 0.06, '汉', hh_ethnic) as ethnic
    from members
)
select person, hh, hh_no, village_code, size, hh_type, member, role, sex, age, ethnic,
    if(sex = 1, male_word, female_word) as relation,
    date '2026-08-31' - to_years(age::int) - to_days(floor(u(person, 'day') * 364)::int) as birth_moment,
    is_base_hh and (role = 'head' or u(person, 'base') >= 0.012) as is_base,
    if(role in ('spouse', 'wife', 'parent1'), person, hh) as surname_of,
    case when age >= 62 then 0 when age >= 32 then 1 else 2 end as cohort
from aged;

create or replace table person as
with dated as (
    select * exclude (birth_moment), birth_moment::date as birth_date from person_draft
), numbered as (
    select d.*, 2 * row_number() over (partition by d.birth_date, d.sex order by d.person)
        - if(d.sex = 1, 1, 0) as sequence
    from dated as d
), named as (
    select n.* exclude (sequence, surname_of, cohort),
        id_number(n.birth_date, n.sequence) as id_number,
        case
            when n.ethnic = '藏' then tf.text || ts.text
            when n.ethnic = '回' and u(n.person, 'faith') < 0.22 then s.text || hui.text
            when n.ethnic = '土' and u(n.person, 'faith') < 0.18 then s.text || tu.text
            when u(n.person, 'given') < 0.34 then s.text || g.text
            when u(n.person, 'single') < 0.10 then s.text || g2.text
            else s.text || g1.text || g2.text
        end as name
    from numbered as n
    inner join name_slot as s
        on s.kind = 'surname:' || n.ethnic and s.slot = slot_of(n.surname_of, 'surname')
    inner join name_slot as g
        on g.kind = 'given:' || n.sex || ':' || n.cohort and g.slot = slot_of(n.person, 'given name')
    inner join name_slot as g1
        on g1.kind = 'first:' || n.sex || ':' || n.cohort and g1.slot = slot_of(n.person, 'first')
    inner join name_slot as g2
        on g2.kind = 'second:' || n.sex || ':' || n.cohort and g2.slot = slot_of(n.person, 'second')
    inner join name_slot as hui on hui.kind = 'hui:' || n.sex and hui.slot = slot_of(n.person, 'hui')
    inner join name_slot as tu on tu.kind = 'tu:' || n.sex and tu.slot = slot_of(n.person, 'tu')
    inner join name_slot as tf on tf.kind = 'tibetan_first:' || n.sex and tf.slot = slot_of(n.person, 'tf')
    inner join name_slot as ts on ts.kind = 'tibetan_second:' || n.sex and ts.slot = slot_of(n.person, 'ts')
)
select * from named;
drop table person_draft;

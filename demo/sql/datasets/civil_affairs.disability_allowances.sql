with disabled as (
    select p.*, h.has_dibao
    from person_state as p
    inner join household_state as h on p.hh = h.hh
    where p.health = '残疾'
), granted as (
    select *, unnest(list_filter([
        if(has_dibao or hh_type <> '一般农户', '困难残疾人生活补贴', null),
        if(disability_grade <= 2, '重度残疾人护理补贴', null)
    ], lambda x: x is not null)) as allowance_type
    from disabled
)
select
    person as _person, hh as _hh,
    id_number || disability_category || disability_grade as certificate_no, '202609' as month, allowance_type, name,
    village_code as division_code, disability_category::varchar as disability_category,
    disability_grade::varchar as disability_grade,
    if(allowance_type = '困难残疾人生活补贴', 100, 120)::decimal(12, 2) as standard_yuan,
    if(u(person, 'suspended') < 0.02, '暂停', '正常发放') as status
from granted

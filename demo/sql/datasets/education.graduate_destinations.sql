with graduates as (
    select *, if(age >= 21 and u(person, 'college') < 0.5, '高职', '中职') as graduated_from
    from person_state
    where age between 18 and 22 and stage is null and u(person, 'graduate') < if(hh_type = '一般农户', 0.25, 0.7)
), settled as (
    select *, case when works then '就业' when u(person, 'destination') < 0.08 then '应征' else '待业' end as destination
    from graduates
)
select
    person as _person, hh as _hh,
    id_number, if(graduated_from = '高职', 2047 - age, 2044 - age) as graduation_year, name,
    if(graduated_from = '高职', '青海高等职业学院', '衔接示范县职业技术学校') as school_name, graduated_from as stage,
    pick(person, 'major', ['汽车维修', '学前教育', '护理', '烹饪', '建筑施工', '畜牧兽医']) as major, destination,
    if(destination = '就业', pick(person, 'employer', ['高原青稞食品有限公司', '河湟建筑劳务有限公司', '雪域农牧专业合作社', '西宁百货零售有限公司']), null)
        as employer_name,
    destination = '就业' and hh_type <> '一般农户' and u(person, 'yulu plus') < 0.7 as is_yulu_plus
from settled

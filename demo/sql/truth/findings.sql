-- What four checks must find, by household: lists and months as text here, counts and dates in the checks' own queries.
-- Needs the believed_* views and the variable on (business date). household_no is null where the register knows nobody.
create or replace temp table finding as
with register as (
    select household_no, list(relation) as relations, list(_id) as ids, count(*) as members
    from believed_rural_revitalisation_persons
    group by household_no
), home as (
    select r.*, h.size_now::int as size_now, h.household_no is not null as is_listed
    from register as r
    left join believed_rural_revitalisation_households as h on r.household_no = h.household_no
), heads as (
    select
        case when list_count(list_filter(relations, lambda x: x = '户主')) = 0 then 'C-02-012' else 'C-02-011' end as check_id,
        null as id_number, household_no
    from home
    where list_count(list_filter(relations, lambda x: x = '户主')) > 1
        or (not list_contains(relations, '户主') and is_listed and members >= coalesce(size_now, 0))
), member as (
    select household_no, unnest(ids) as id_number from register
), event as (
    select e._id as id_number, e.event_type, e.event_date::date as event_date, left(e.spouse_id_number, 18) as spouse,
        m.household_no
    from believed_civil_affairs_life_events as e
    left join member as m on e._id = m.id_number
), payment as (
    select _id as id_number, month, coalesce(end_month, '999912') > month as is_paid from believed_civil_affairs_dibao
    union all
    select _id, strftime(getvariable('on'), '%Y%m'), coalesce(end_month, '999912') > strftime(getvariable('on'), '%Y%m')
    from believed_civil_affairs_destitute_support
    union all
    select _id, strftime(getvariable('on'), '%Y%m'), coalesce(ended_date::date, date '9999-12-31') > getvariable('on')
    from believed_employment_public_posts
), paid_dead as (
    select distinct p.id_number, e.household_no
    from payment as p
    inner join event as e on p.id_number = e.id_number and e.event_type = '死亡'
    where p.is_paid and p.month > strftime(e.event_date, '%Y%m')
), certificate as (
    select dibao_no, _id as id_number, arg_max(coalesce(end_month, '999912'), month) as end_month
    from believed_civil_affairs_dibao
    where month <= strftime(getvariable('on'), '%Y%m')
    group by all
), covered as (
    select c.dibao_no, c.id_number, m.household_no
    from certificate as c
    left join member as m on c.id_number = m.id_number
    where c.end_month > strftime(getvariable('on'), '%Y%m')
), counted as (
    select dibao_no, household_no, count(*) as people
    from covered
    where household_no is not null
    group by all
), certified as (
    select dibao_no, household_no from counted
    qualify row_number() over (partition by dibao_no order by people desc, household_no) = 1
), stranger as (
    select distinct c.id_number, o.household_no
    from covered as c
    inner join certified as o on c.dibao_no = o.dibao_no
    inner join home as h on o.household_no = h.household_no
    where c.household_no is distinct from o.household_no
        and h.is_listed and len(list_filter(h.ids, lambda x: x is null)) = 0 and h.members >= coalesce(h.size_now, 0)
), unaltered as (
    select distinct e.id_number, e.household_no
    from event as e
    inner join home as h on e.household_no = h.household_no
    where e.event_date < getvariable('on') - 30
        and (e.event_type = '死亡' or (e.event_type = '结婚' and not coalesce(list_contains(h.ids, e.spouse), false)))
)
select check_id, id_number, household_no from heads
union all
select 'X-07', id_number, household_no from paid_dead
union all
select 'X-07', s.id_number, s.household_no from stranger as s
where s.id_number not in (select id_number from paid_dead)
union all
select 'X-08', id_number, household_no from unaltered;

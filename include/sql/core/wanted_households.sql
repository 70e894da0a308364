-- Every household there is: of the register, of members that stand in no register, and merely named.
with register as (
    select distinct on (c.household_no)
        c.household_no,
        c.division_code
    from changes.rural_revitalisation_households as c
    inner join history.rural_revitalisation_households as h
        on c.change_id = h.change_id and h.county_code = :county
    where
        c.county_code = :county
        and h.known_to = 'infinity'
        and (:everyone or c.household_no = any(array(select t.household_no from touched_household as t)))
    order by c.household_no asc, h.valid_to desc, h.valid_from desc, h.change_id desc
),

member as (
    select
        m.household_id,
        max(m.village_code) as village_code,
        min(m.basis) as basis
    from core.membership as m
    where
        m.county_code = :county
        and m.known_to = 'infinity'
        and m.basis in ('base', 'civil', 'provisional')
        and (:everyone or m.person_id = any(array(select p.token from placed as p)))
        and not exists (
            select 1 from register as r
            where r.household_no = m.household_id
        )
    group by m.household_id
),

named as (
    select distinct t.household_no
    from touched_household as t
    where
        not exists (
            select 1 from register as r
            where r.household_no = t.household_no
        )
        and not exists (
            select 1 from member
            where member.household_id = t.household_no
        )
)

select
    :county as county_code,
    r.household_no as household_id,
    r.household_no,
    md5(r.household_no)::uuid as anchor,
    r.division_code as village_code,
    'base' as basis
from register as r
union all
select
    :county as county_code,
    m.household_id,
    case when m.basis = 'base' then m.household_id end as household_no,
    md5(m.household_id)::uuid as anchor,
    m.village_code,
    m.basis
from member as m
union all
select
    :county as county_code,
    n.household_no as household_id,
    n.household_no,
    md5(n.household_no)::uuid as anchor,
    null as village_code,
    'delivered' as basis
from named as n

-- Every night believed since the first change: what changed then still stood on the nights after it.
select distinct b.business_date
from ops.diff_base as b
where
    b.county_code = :county
    and b.business_date >= (
        select min(t.from_date)
        from (
            select p.from_date from touched_person as p
            union all
            select h.from_date from touched_household as h
        ) as t
    )
order by b.business_date

with done as (
    delete from core.unsettled_person
    where county_code = :county
    returning person_id
),

last_night as (
    select max(b.business_date) as business_date
    from ops.diff_base as b
    where b.county_code = :county
)

insert into touched_person (person_id, from_date)
select
    done.person_id,
    last_night.business_date
from done
cross join last_night
where last_night.business_date is not null

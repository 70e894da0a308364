with done as (
    delete from core.unsettled_person where county_code = :county
    returning person_id
)

insert into touched_person (person_id, from_date)
select
    done.person_id,
    (select max(b.business_date) from ops.diff_base as b where b.county_code = :county)
from done
where exists (select 1 from ops.diff_base as b where b.county_code = :county)

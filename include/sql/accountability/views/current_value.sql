-- The figures in force: the newest revision of every business date.
set local role xianjie_owner;

create or replace view accountability.current_value as
select
    v.county_code,
    v.business_date,
    v.revision,
    v.indicator,
    v.division_code,
    v.entities,
    v.numerator,
    v.denominator,
    v.value,
    v.target,
    v.light,
    v.is_confirmed,
    v.missing_departments
from accountability.value as v
inner join accountability.publication as p
    on
        v.county_code = p.county_code
        and v.business_date = p.business_date
        and v.revision = p.revision
where p.is_current;

reset role;
